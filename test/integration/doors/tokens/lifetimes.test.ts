import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { ManualClock } from 'holdfast/testing'
import { SessionManager, type Issued } from 'holdfast/tokens'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }

let clock: ManualClock
let engine: SessionEngine
let manager: SessionManager

beforeEach(() => {
  clock = new ManualClock()
  engine = openSessions({ ledger: 'memory', sweepEvery: false, clock })
  manager = new SessionManager({ engine, signing, rateLimits: false })
})

afterEach(async () => {
  await manager.close()
  await engine.close()
})

async function logIn(): Promise<Issued> {
  const login = await manager.createSession(randomUUID(), randomUUID())
  if (!login.success) throw login.error
  return login
}

async function refreshed(refreshToken: string): Promise<Issued> {
  const refresh = await manager.refreshSession(refreshToken)
  if (!refresh.success) throw refresh.error
  return refresh
}

async function reasonOf(outcome: Promise<{ success: boolean; error?: { reason: string } }>) {
  return (await outcome).error?.reason
}

describe('without a word about lifetimes', () => {
  it('an access token is good for 24 hours, and its session lives on', async () => {
    const { token, refreshToken, expiresAt } = await logIn()
    await clock.advance(DAY - 1_000)
    expect(await reasonOf(manager.validateSession(token))).toBeUndefined()
    await clock.advance(7_000)

    expect(await reasonOf(manager.validateSession(token))).toBe('expired-token')
    expect(expiresAt.getTime()).toBeLessThanOrEqual(clock.now())
    expect((await refreshed(refreshToken)).token).not.toBe(token)
  })

  it('a session that nobody refreshes is over after 7 days, however often it is validated', async () => {
    const { token, refreshToken } = await logIn()
    for (let hours = 0; hours < 23; hours++) {
      await clock.advance(HOUR)
      expect(await reasonOf(manager.validateSession(token))).toBeUndefined()
    }
    await clock.advance(7 * DAY - 23 * HOUR)

    expect(await reasonOf(manager.refreshSession(refreshToken))).toBe('ended-session')
    expect(await manager.getActiveSessions()).toEqual([])
  })

  it('a session that is refreshed each 6 days is over after 30', async () => {
    const { session, ...first } = await logIn()
    let { refreshToken } = first
    for (let day = 6; day < 30; day += 6) {
      await clock.advance(6 * DAY)
      refreshToken = (await refreshed(refreshToken)).refreshToken
    }
    await clock.advance(6 * DAY)

    expect(session.endsAt.getTime()).toBe(clock.now())
    expect(await reasonOf(manager.refreshSession(refreshToken))).toBe('ended-session')
  })

  it('the last access token is good for no longer than its session', async () => {
    const { session, ...first } = await logIn()
    let { refreshToken, expiresAt } = first
    for (const days of [6, 6, 6, 6, 5.5]) {
      await clock.advance(days * DAY)
      ;({ refreshToken, expiresAt } = await refreshed(refreshToken))
    }

    expect(session.endsAt.getTime() - clock.now()).toBe(DAY / 2)
    expect(session.endsAt.getTime() - expiresAt.getTime()).toBeLessThan(1_000)
    expect(expiresAt.getTime()).toBeLessThanOrEqual(session.endsAt.getTime())
  })
})

it('the absolute end of the engine goes before a later one of the door', async () => {
  const bounded = openSessions({ ledger: 'memory', sweepEvery: false, clock, absoluteTtl: '2d' })
  const other = new SessionManager({ engine: bounded, signing, rateLimits: false })
  const login = await other.createSession(randomUUID(), randomUUID())

  expect(login).toMatchObject({ session: { endsAt: new Date(clock.now() + 2 * DAY) } })
  await other.close()
  await bounded.close()
})

it('a refresh leaves the access token of before, until it expires or the session ends', async () => {
  const { token, refreshToken } = await logIn()
  await clock.advance(HOUR)
  const { token: next } = await refreshed(refreshToken)

  expect(await reasonOf(manager.validateSession(token))).toBeUndefined()
  await manager.destroySession(next)
  expect(await reasonOf(manager.validateSession(token))).toBe('ended-session')
})
