import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { MemoryLedger, openSessions, type OpenSessionsOptions, type SessionEngine } from 'holdfast'
import { ChaosLedger, ManualClock } from 'holdfast/testing'
import { SessionManager, type SessionManagerOptions } from 'holdfast/tokens'
import { logIn, reasonOf, signing, valueOf } from '../../../integration/doors/tokens/token-site.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

let clock: ManualClock
let ledger: ChaosLedger
const engines: SessionEngine[] = []

beforeEach(() => {
  clock = new ManualClock()
  ledger = new ChaosLedger(new MemoryLedger({ clock }))
})

afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.close())))

function open(options: SessionManagerOptions = {}, ofEngine: Partial<OpenSessionsOptions> = {}) {
  const engine = openSessions({ ledger, clock, sweepEvery: false, ...ofEngine })
  engines.push(engine)
  return { engine, manager: new SessionManager({ engine, signing, rateLimits: false, ...options }) }
}

describe('an access token that is good for fifteen minutes at most', () => {
  it('is verified without a question to anybody, also after its session has ended', async () => {
    const { manager } = open({ accessTtl: '15m' })
    const { token, user, session } = await logIn({ manager })
    await manager.destroySession(token)
    const asked = ledger.chaos.calls()
    const { claims } = valueOf(await manager.verifyToken(token))

    expect(ledger.chaos.calls()).toBe(asked)
    expect(claims).toMatchObject({ userId: user.id, orgId: user.orgId, sessionId: session.id })
    expect(claims.expiresAt.getTime() - claims.issuedAt.getTime()).toBe(15 * MINUTE)
    expect(reasonOf(await manager.validateSession(token))).toBe('ended-session')
  })

  it('is the only one that is: whoever issues longer ones is told to look them up', async () => {
    const { manager } = open({ accessTtl: 15 * MINUTE + SECOND })
    const { token } = await logIn({ manager })

    expect(reasonOf(await manager.verifyToken(token))).toBe('misconfigured')
    expect(reasonOf(await manager.validateSession(token))).toBe('success')
  })

  it('is no longer good after that, and still ends its session', async () => {
    const { manager } = open({ accessTtl: '15m' })
    const { token, refreshToken } = await logIn({ manager })
    await clock.advance(15 * MINUTE + 6 * SECOND)

    expect(reasonOf(await manager.verifyToken(token))).toBe('expired-token')
    expect(reasonOf(await manager.validateSession(token))).toBe('expired-token')
    expect(await manager.destroySession(token)).toEqual({ success: true })
    expect(reasonOf(await manager.refreshSession(refreshToken))).toBe('ended-session')
  })
})

describe('a session of tokens', () => {
  it('lives no longer than the engine lets any session live', async () => {
    const { manager } = open({}, { absoluteTtl: '2h' })
    const { session, expiresAt, refreshToken } = await logIn({ manager })
    await clock.advance(HOUR)
    const next = valueOf(await manager.refreshSession(refreshToken))

    expect([session.endsAt, session.expiresAt, expiresAt].map((each) => each.getTime())).toEqual(
      Array(3).fill(clock.now() + HOUR),
    )
    expect(next.expiresAt).toEqual(expiresAt)
    await clock.advance(HOUR)
    expect(reasonOf(await manager.refreshSession(next.refreshToken))).toBe('ended-session')
  })

  it('is listed as in use when its token was, and ends no later for it', async () => {
    const { engine, manager } = open()
    const { token, session } = await logIn({ manager })
    await clock.advance(10 * MINUTE)
    await manager.validateSession(token)
    await clock.advance(SECOND)
    const [listed] = await engine.list()

    expect(clock.now() - listed!.lastSeenAt).toBeLessThanOrEqual(SECOND)
    expect(listed!.expiresAt).toBe(session.expiresAt.getTime())
  })
})

describe('users who are asked for in vain', () => {
  it('are an outage as soon as the ledger would be one', async () => {
    const findById = () => new Promise<never>(() => undefined)
    const { manager } = open({ users: { findById } }, { ledgerTimeout: '2s' })
    const asking = manager.createSession(randomUUID(), randomUUID())
    await clock.advance(2 * SECOND)

    expect(reasonOf(await asking)).toBe('unavailable')
  })
})
