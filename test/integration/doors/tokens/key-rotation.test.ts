import { randomBytes, randomUUID } from 'node:crypto'
import { env } from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { MemoryLedger, openSessions, type SessionEngine, type SessionLedger } from 'holdfast'
import { SessionManager, type Issued, type SessionManagerOptions } from 'holdfast/tokens'

interface Ring {
  readonly keys: Readonly<Record<string, string>>
  readonly current: string
}

const [before, after] = [secret(), secret()]

/** The three steps of the page, and what there was before the first of them. */
const steps: readonly Ring[] = [
  { keys: { before }, current: 'before' },
  { keys: { before, after }, current: 'before' },
  { keys: { after, before }, current: 'after' },
  { keys: { after }, current: 'after' },
]
const neighbours = [
  { step: 1, from: steps[0]!, to: steps[1]! },
  { step: 2, from: steps[1]!, to: steps[2]! },
]

let ledger: SessionLedger
let opened: (SessionEngine | SessionManager)[]

beforeEach(() => {
  ledger = new MemoryLedger()
  opened = []
})

afterEach(async () => {
  for (const each of opened.reverse()) await each.close()
})

function secret(): string {
  return randomBytes(32).toString('base64')
}

/** A process of the fleet: one signs and seals by the settings of its own step. */
function startProcess(options: SessionManagerOptions, encryption?: Ring): SessionManager {
  const engine = openSessions({ ledger, sweepEvery: false, ...(encryption && { encryption }) })
  const manager = new SessionManager({ engine, rateLimits: false, ...options })
  opened.push(engine, manager)
  return manager
}

async function logIn(manager: SessionManager): Promise<Issued> {
  const login = await manager.createSession(randomUUID(), randomUUID())
  if (!login.success) throw login.error
  return login
}

/** What becomes of both tokens of a login at another process. */
async function takenBy(manager: SessionManager, { token, refreshToken }: Issued) {
  const outcomes = [
    await manager.validateSession(token),
    await manager.refreshSession(refreshToken),
  ]
  return outcomes.map((each) => (each.success ? 'good' : each.error.reason))
}

describe('rotation of what signs', () => {
  it.each(neighbours)('step $step: either process takes the tokens of the other', async (step) => {
    const [from, to] = [startProcess({ signing: step.from }), startProcess({ signing: step.to })]

    expect(await takenBy(to, await logIn(from))).toEqual(['good', 'good'])
    expect(await takenBy(from, await logIn(to))).toEqual(['good', 'good'])
  })

  it('step 3: what was refreshed since step 2 is good, and what was not is none', async () => {
    const [second, third] = [steps[2]!, steps[3]!].map((signing) => startProcess({ signing }))
    const login = await logIn(startProcess({ signing: steps[1]! }))
    const refresh = await second!.refreshSession(login.refreshToken)
    if (!refresh.success) throw refresh.error

    expect(await takenBy(third!, refresh)).toEqual(['good', 'good'])
    expect(await takenBy(third!, login)).toEqual(['invalid-token', 'invalid-token'])
  })

  it('gives a retry over the change another pair, which is as good', async () => {
    const [first, second] = [steps[1]!, steps[2]!].map((signing) => startProcess({ signing }))
    const { refreshToken } = await logIn(first!)
    const [one, other] = [
      await first!.refreshSession(refreshToken),
      await second!.refreshSession(refreshToken),
    ]
    if (!one.success || !other.success) throw new Error('Both are to be given a pair')

    expect(other.refreshToken).not.toBe(one.refreshToken)
    expect(await takenBy(first!, one)).toEqual(['good', 'good'])
    expect(await takenBy(first!, other)).toEqual(['good', 'good'])
  })
})

describe('rotation of what seals', () => {
  const signing = steps[0]!

  it.each(neighbours)('step $step: either process opens what the other sealed', async (step) => {
    const [from, to] = [step.from, step.to].map((ring) => startProcess({ signing }, ring))

    expect(await takenBy(to!, await logIn(from!))).toEqual(['good', 'good'])
    expect(await takenBy(from!, await logIn(to!))).toEqual(['good', 'good'])
  })

  it('step 3: what was refreshed since step 2 opens, and what was not is an error', async () => {
    const [second, third] = [steps[2]!, steps[3]!].map((ring) => startProcess({ signing }, ring))
    const first = startProcess({ signing }, steps[1])
    const [login, forgotten] = [await logIn(first), await logIn(first)]
    const refresh = await second!.refreshSession(login.refreshToken)
    if (!refresh.success) throw refresh.error

    expect(await takenBy(third!, refresh)).toEqual(['good', 'good'])
    expect(await takenBy(third!, forgotten)).toEqual(['not-decryptable', 'not-decryptable'])
    expect(await third!.destroySession(forgotten.token)).toEqual({ success: true })
    expect(await takenBy(third!, forgotten)).toEqual(['ended-session', 'ended-session'])
  })
})

describe('secrets of the environment', () => {
  const was = env['JWT_SECRET']

  afterEach(() => {
    if (was === undefined) delete env['JWT_SECRET']
    else env['JWT_SECRET'] = was
  })

  async function startWith(secrets: string): Promise<SessionManager> {
    env['JWT_SECRET'] = secrets
    const manager = startProcess({})
    await manager.ready()
    return manager
  }

  it('are known by themselves, in whatever order they are listed', async () => {
    const [first, second] = [
      await startWith(`${before},${after}`),
      await startWith(`${after}, ${before}`),
    ]

    expect(await takenBy(second, await logIn(first))).toEqual(['good', 'good'])
    expect(await takenBy(first, await logIn(second))).toEqual(['good', 'good'])
  })

  it('that are replaced without the old one leave no token of before', async () => {
    const login = await logIn(await startWith(before))

    expect(await takenBy(await startWith(after), login)).toEqual(['invalid-token', 'invalid-token'])
  })
})
