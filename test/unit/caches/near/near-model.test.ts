import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { NearCache } from '../../../../src/caches/near/near-cache.js'
import type { NearTicket } from '../../../../src/core/near.js'
import { toSessionId, type SessionId } from '../../../../src/core/session-id.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { FakeBus } from '../../../support/fake-bus.js'

const MAX_AGE = 500
const LIFETIME = 1_000_000
const ids = ['a', 'b'].map(toSessionId)

const id = fc.constantFrom(...ids)
const version = fc.integer({ min: 1, max: 4 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), id }),
  fc.record({ kind: fc.constant('keep' as const), ticket: fc.nat(), version }),
  fc.record({ kind: fc.constant('tell' as const), id, version }),
  fc.record({ kind: fc.constant('touch' as const), id, version, by: fc.nat(LIFETIME) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(300) }),
  fc.record({ kind: fc.constant('break' as const) }),
  fc.record({ kind: fc.constant('heal' as const) }),
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

interface Known {
  version: number
  begunAt: number
  epoch: number
  expiresAt: number
}

/** What may be believed, from all that ever happened: no bounds, nothing forgotten. */
class Model {
  readonly clock = new ManualClock()
  readonly bus = new FakeBus()
  readonly near = new NearCache({
    bus: this.bus,
    clock: this.clock,
    now: () => this.clock.now(),
    maxEntries: 10,
    maxAge: MAX_AGE,
  })
  readonly #tickets: NearTicket[] = []
  readonly #heard = new Map<SessionId, number>()
  readonly #known = new Map<SessionId, Known>()

  async take(taken: Step): Promise<void> {
    if (taken.kind === 'begin') this.#tickets.push(this.near.begin(taken.id))
    else if (taken.kind === 'keep') this.#keep(taken.ticket, taken.version)
    else if (taken.kind === 'tell') this.#tell(taken.id, taken.version)
    else if (taken.kind === 'touch') this.#touch(taken)
    else if (taken.kind === 'wait') await this.clock.advance(taken.ms)
    else if (taken.kind === 'break') this.bus.isHealthy = false
    else this.#heal()
  }

  /** What is to be believed. What is asked for and is not to be believed is forgotten. */
  read(asked: SessionId): number | undefined {
    const known = this.#known.get(asked)
    if (!known || !this.bus.isHealthy) return undefined
    const isSound =
      known.epoch === this.bus.epoch &&
      this.clock.monotonic() - known.begunAt <= MAX_AGE &&
      known.expiresAt > this.clock.now()
    if (isSound) return known.version
    this.#known.delete(asked)
    return undefined
  }

  #keep(index: number, kept: number): void {
    const ticket = this.#tickets[index % (this.#tickets.length || 1)]
    if (!ticket) return
    const expiresAt = this.clock.now() + 200
    const { id: keptId, epoch, begunAt } = ticket
    const times = { expiresAt, absoluteExpiresAt: undefined }
    const entry = { id: keptId, version: kept, writeId: 'w', raw: '', ...times }
    this.near.keep(ticket, entry)
    this.#forgetBelow(keptId, kept)
    const known = this.#known.get(keptId)
    if (known && known.version > kept) return
    if (!this.bus.isHealthy || epoch !== this.bus.epoch) return
    if ((this.#heard.get(keptId) ?? 0) > kept) return
    const same = known?.epoch === epoch ? known : undefined
    this.#known.set(keptId, {
      version: kept,
      epoch,
      begunAt: Math.max(begunAt, same?.begunAt ?? 0),
      expiresAt: Math.max(expiresAt, same?.expiresAt ?? 0),
    })
  }

  #tell(told: SessionId, below: number): void {
    this.bus.tell(told, below)
    this.#heard.set(told, Math.max(below, this.#heard.get(told) ?? 0))
    this.#forgetBelow(told, below)
  }

  #touch({ id: touched, version, by }: Extract<Step, { kind: 'touch' }>): void {
    const expiresAt = this.clock.now() + by
    this.near.touch(touched, { version, expiresAt })
    const known = this.#known.get(touched)
    if (known?.version === version) known.expiresAt = Math.max(known.expiresAt, expiresAt)
  }

  #heal(): void {
    if (!this.bus.isHealthy) this.bus.epoch += 1
    this.bus.isHealthy = true
  }

  #forgetBelow(forgotten: SessionId, below: number): void {
    if ((this.#known.get(forgotten)?.version ?? Infinity) < below) this.#known.delete(forgotten)
  }
}

describe('the near cache', () => {
  it('believes what a model that forgets nothing believes, whatever happens', async () => {
    // Thirty waits are less than messages are remembered for.
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const model = new Model()
        for (const taken of steps) {
          await model.take(taken)
          const believed = ids.map((each) => model.near.get(each)?.version)
          expect(believed).toEqual(ids.map((each) => model.read(each)))
        }
      }),
      { numRuns: 500 },
    )
  })
})
