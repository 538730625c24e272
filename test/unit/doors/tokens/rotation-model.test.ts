import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { openSessions, type SessionEngine } from 'holdfast'
import { ManualClock } from 'holdfast/testing'
import { SessionManager, type Result } from 'holdfast/tokens'

const SECOND = 1_000
const DAY = 86_400_000
const RETRY = 10 * SECOND
const REFRESH = 7 * DAY
/** Not much longer, so that it is met often. */
const ABSOLUTE = 8 * DAY
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }

type Step =
  | { readonly act: 'refresh'; readonly back: number; readonly times: number }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'logout' | 'revokeAll' }

/** How many tokens ago the one that is used was the newest: mostly none, or one. */
const back = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 4 }))
const waits = fc.constantFrom(SECOND, RETRY / 2, RETRY, RETRY + 1, DAY, 3 * DAY, REFRESH - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ act: fc.constant('refresh' as const), back, times: fc.nat(3) }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: waits }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('logout' as const, 'revokeAll') }) },
)

/** What a session is to be, in the plainest words. */
class Model {
  /** Refresh tokens as they were issued: the last is the good one. */
  readonly issued: string[]
  isLive = true
  thefts = 0
  readonly #endsAt: number

  constructor(
    first: string,
    private issuedAt: number,
  ) {
    this.issued = [first]
    this.#endsAt = issuedAt + ABSOLUTE
  }

  expire(now: number): void {
    if (now >= Math.min(this.issuedAt + REFRESH, this.#endsAt)) this.isLive = false
  }

  /** Whether the newest access token is good: five seconds are for clocks that differ. */
  isGood(now: number): boolean {
    return this.isLive && now < this.issuedAt + DAY + 5 * SECOND
  }

  /** What the token of this place gives: the place of another, or nothing. */
  refresh(place: number, now: number): number | undefined {
    const newest = this.issued.length - 1
    if (!this.isLive) return undefined
    if (place === newest) {
      this.issuedAt = now
      return newest + 1
    }
    if (place === newest - 1 && now - this.issuedAt <= RETRY) return newest
    this.isLive = false
    this.thefts++
    return undefined
  }
}

/** A session, and what it is to be, side by side. */
class Trial {
  readonly clock = new ManualClock()
  readonly userId = randomUUID()
  readonly engine: SessionEngine
  readonly manager: SessionManager
  thefts = 0
  token = ''

  constructor() {
    this.engine = openSessions({ ledger: 'memory', sweepEvery: false, clock: this.clock })
    const options = { signing, rateLimits: false, absoluteTtl: ABSOLUTE } as const
    this.manager = new SessionManager({ engine: this.engine, ...options })
    this.manager.on('token.theft', () => this.thefts++)
  }

  async begin(): Promise<Model> {
    const login = valueOf(await this.manager.createSession(this.userId, randomUUID()))
    this.token = login.token
    return new Model(login.refreshToken, this.clock.now())
  }

  async take(step: Step, model: Model): Promise<void> {
    if (step.act === 'wait') await this.clock.advance(step.ms)
    else if (step.act === 'refresh') await this.#refresh(step, model)
    else {
      if (step.act === 'logout') await this.manager.destroySession(model.issued[0]!)
      else await this.manager.revokeAllSessions(this.userId)
      model.isLive = false
    }
    model.expire(this.clock.now())
  }

  async #refresh(
    { back, times }: { readonly back: number; readonly times: number },
    model: Model,
  ): Promise<void> {
    const place = Math.max(0, model.issued.length - 1 - back)
    const given = model.refresh(place, this.clock.now())
    const refreshes = Array.from({ length: times + 1 }, () =>
      this.manager.refreshSession(model.issued[place]!),
    )
    for (const result of await Promise.all(refreshes)) {
      expect(result.success).toBe(given !== undefined)
      if (given === undefined || !result.success) continue
      this.token = result.token
      model.issued[given] ??= result.refreshToken
      expect(result.refreshToken).toBe(model.issued[given])
    }
  }

  async close(): Promise<void> {
    await this.manager.close()
    await this.engine.close()
  }
}

function valueOf<Value extends object>(result: Result<Value>): Value {
  if (result.success) return result
  throw result.error
}

it('a session is what its refreshes, its ends and the time have made of it, whatever comes', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const trial = new Trial()
    const model = await trial.begin()
    for (const each of steps) {
      await trial.take(each, model)
      const { success } = await trial.manager.validateSession(trial.token)
      expect(success).toBe(model.isGood(trial.clock.now()))
      expect(await trial.manager.getActiveSessions()).toHaveLength(model.isLive ? 1 : 0)
      expect(trial.thefts).toBe(model.thefts)
    }
    await trial.close()
  })
  await fc.assert(property, { numRuns: 300 })
})
