import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { MemoryLedger, openSessions, type SessionEngine, type SessionEvents } from 'holdfast'
import { ChaosLedger, ManualClock } from 'holdfast/testing'
import { SessionManager, type Issued } from 'holdfast/tokens'
import { logIn, reasonOf, signing, valueOf } from './token-site.js'

const SECOND = 1_000
const DAY = 86_400 * SECOND

let clock: ManualClock
let ledger: ChaosLedger
let engine: SessionEngine
let manager: SessionManager
let thefts: SessionEvents['token.theft'][]
let login: Issued

beforeEach(async () => {
  clock = new ManualClock()
  ledger = new ChaosLedger(new MemoryLedger({ clock }))
  engine = openSessions({ ledger, clock, sweepEvery: false })
  manager = new SessionManager({ engine, signing, rateLimits: false })
  thefts = []
  manager.on('token.theft', (theft) => thefts.push(theft))
  login = await logIn({ manager })
})

afterEach(() => engine.close())

const refresh = async (token: string) => valueOf(await manager.refreshSession(token))
const refused = async (token: string) => reasonOf(await manager.refreshSession(token))
const isLive = async () => reasonOf(await manager.validateSession(login.token))

/** The refresh tokens of a session that was refreshed so often, a minute apart. */
async function generations(count: number): Promise<string[]> {
  const tokens = [login.refreshToken]
  while (tokens.length <= count) {
    await clock.advance(60 * SECOND)
    tokens.push((await refresh(tokens.at(-1)!)).refreshToken)
  }
  return tokens
}

describe('a refresh token that is used again', () => {
  it('within ten seconds gets the very same pair: its answer may have been lost', async () => {
    const first = await refresh(login.refreshToken)
    await clock.advance(10 * SECOND)
    const again = await refresh(login.refreshToken)

    expect([again.token, again.refreshToken]).toEqual([first.token, first.refreshToken])
    expect(again.expiresAt).toEqual(first.expiresAt)
    expect(thefts).toEqual([])
    expect(await isLive()).toBe('success')
  })

  it('a moment later than that ends the session, for whoever has the newest one as well', async () => {
    const first = await refresh(login.refreshToken)
    await clock.advance(10 * SECOND + 1)

    expect(await refused(login.refreshToken)).toBe('reused-token')
    expect(await isLive()).toBe('ended-session')
    expect(await refused(first.refreshToken)).toBe('ended-session')
  })

  it('ends the session at once where its successor was used already', async () => {
    const second = await refresh(login.refreshToken)
    await refresh(second.refreshToken)

    expect(await refused(login.refreshToken)).toBe('reused-token')
    expect(await isLive()).toBe('ended-session')
  })

  it('is one event, however often and by whomever, which says what is known and no token', async () => {
    const tokens = await generations(13)
    const replays = await Promise.all(
      Array.from({ length: 20 }, () => manager.refreshSession(tokens[3]!, { ip: '203.0.113.9' })),
    )
    await manager.refreshSession(tokens[5]!)

    expect(new Set(replays.map(reasonOf))).toEqual(new Set(['reused-token']))
    const { session, user } = login
    expect(thefts).toEqual([
      { id: session.id, userId: user.id, generation: 3, newest: 13, ip: '203.0.113.9' },
    ])
    for (const each of tokens) expect(JSON.stringify(thefts)).not.toContain(each.slice(60, 80))
  })

  it('ends the session for good: a refresh that was under way brings nothing back', async () => {
    const tokens = await generations(3)
    const release = ledger.chaos.hold(['commit'], 1)
    const refreshing = manager.refreshSession(tokens[3]!)
    await clock.advance(1)
    const replaying = manager.refreshSession(tokens[0]!)
    await clock.advance(1)
    release()
    await Promise.all([refreshing, replaying])

    expect(await isLive()).toBe('ended-session')
    expect(await engine.list()).toEqual([])
    expect(thefts).toHaveLength(1)
  })

  it('while the ledger is away is told as such, and the session ends when it is back', async () => {
    const tokens = await generations(2)
    ledger.chaos.fail(['revoke'])
    const replay = await manager.refreshSession(tokens[0]!)
    const again = await manager.refreshSession(tokens[0]!)
    ledger.chaos.heal()

    expect([reasonOf(replay), reasonOf(again)]).toEqual(['unavailable', 'unavailable'])
    expect(thefts).toHaveLength(1)
    expect(await refused(tokens[0]!)).toBe('reused-token')
    expect(thefts).toHaveLength(1)
    expect(await isLive()).toBe('ended-session')
  })
})

describe('a session that is refreshed', () => {
  it('goes on for seven days at a time, and ends after thirty however often', async () => {
    let { refreshToken } = login
    const begunAt = clock.now()
    for (let day = 6; day <= 24; day += 6) {
      await clock.advance(6 * DAY)
      const next = await refresh(refreshToken)
      expect(next.session.expiresAt.getTime()).toBe(
        Math.min(clock.now() + 7 * DAY, begunAt + 30 * DAY),
      )
      ;({ refreshToken } = next)
    }
    await clock.advance(6 * DAY)

    expect(await refused(refreshToken)).toBe('ended-session')
  })

  it('has access tokens that never outlive it', async () => {
    await clock.advance(6 * DAY)
    let next = await refresh(login.refreshToken)
    for (let day = 12; day <= 24; day += 6) {
      await clock.advance(6 * DAY)
      next = await refresh(next.refreshToken)
    }
    await clock.advance(5.5 * DAY)
    next = await refresh(next.refreshToken)

    expect(next.expiresAt.getTime()).toBe(next.session.endsAt.getTime())
    expect(next.expiresAt.getTime() - clock.now()).toBe(0.5 * DAY)
  })

  it('ends where nobody refreshes it for seven days', async () => {
    await clock.advance(7 * DAY)

    expect(await refused(login.refreshToken)).toBe('ended-session')
  })

  it('is refused a token of the future: what a ledger has lost is not made up', async () => {
    const tokens = await generations(1)
    const held = await engine.readListed(login.session.id)
    const cursor = { base: held! }
    const tokensBefore = { ...(held!.content['tokens'] as object), generation: 0, hash: 'lost' }
    const content = { ...held!.content, tokens: tokensBefore }
    await engine.write(held!.id, { content, ttl: DAY, cursor })

    expect(await refused(tokens[1]!)).toBe('invalid-token')
    expect(thefts).toEqual([])
    expect(await isLive()).toBe('success')
  })
})
