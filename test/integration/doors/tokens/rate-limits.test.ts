import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { openSessions } from 'holdfast'
import { ManualClock } from 'holdfast/testing'
import {
  SessionManager,
  type RateLimitOptions,
  type Result,
  type SessionManagerOptions,
} from 'holdfast/tokens'
import { Redis } from 'ioredis'
import { eventually } from '../../../chaos/scene/eventually.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const orgId = randomUUID()
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
const two = { points: 2, duration: '30s' } as const
const managers: SessionManager[] = []

let redis: Redis

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
})
afterEach(async () => {
  for (const manager of managers.splice(0)) {
    const engine = await manager.engine()
    await manager.close()
    await engine.close()
  }
})
afterAll(() => redis.quit())

function aManager(rateLimits?: SessionManagerOptions['rateLimits']): SessionManager {
  const engine = openSessions({ ledger: 'memory', sweepEvery: false, redisTimeout: '5s' })
  const manager = new SessionManager({ engine, signing, rateLimits })
  managers.push(manager)
  return manager
}

const anAddress = () => [10, ...randomBytes(3)].join('.')

async function logIn(manager: SessionManager, userId: string = randomUUID(), ip?: string) {
  const login = await manager.createSession(userId, orgId, 'phone', ip)
  if (!login.success) throw login.error
  return login
}

/** What became of it, and why not. */
async function outcomeOf(call: Promise<Result<object>>): Promise<string> {
  const result = await call
  return result.success ? 'done' : result.error.reason
}

describe('logins', () => {
  it('of one user beyond the limit are refused, and those of others are not', async () => {
    const manager = aManager({ createOfUser: two })
    const userId = randomUUID()
    const login = () => outcomeOf(manager.createSession(userId, orgId))

    expect([await login(), await login(), await login()]).toEqual(['done', 'done', 'rate-limited'])
    expect(await outcomeOf(manager.createSession(randomUUID(), orgId))).toBe('done')
    expect((await manager.getSessionStats()).activeSessions).toBe(3)
  })

  it('from one address beyond the limit are refused, and those from others are not', async () => {
    const manager = aManager({ createFromAddress: two })
    const [here, there] = [anAddress(), anAddress()]
    const login = (ip?: string) =>
      outcomeOf(manager.createSession(randomUUID(), orgId, 'phone', ip))

    expect([await login(here), await login(here), await login(here)]).toEqual([
      'done',
      'done',
      'rate-limited',
    ])
    expect([await login(there), await login()]).toEqual(['done', 'done'])
  })

  it('that are refused by their address cost the user nothing', async () => {
    const manager = aManager({ createFromAddress: { ...two, points: 1 }, createOfUser: two })
    const [ip, userId] = [anAddress(), randomUUID()]
    await logIn(manager, userId, ip)
    const refused = await outcomeOf(manager.createSession(userId, orgId, 'phone', ip))

    expect(refused).toBe('rate-limited')
    expect(await outcomeOf(manager.createSession(userId, orgId))).toBe('done')
  })

  it('are told when to come again', async () => {
    const manager = aManager({ createOfUser: { points: 1, duration: '20s' } })
    const { user } = await logIn(manager)
    const refused = await manager.createSession(user.id, orgId)
    if (refused.success) throw new Error('It was let in')
    const { type, status, retryAfter = 0, headers } = refused.error

    expect({ type, status }).toEqual({ type: 'AUTHORIZATION_ERROR', status: 429 })
    expect(retryAfter).toBeGreaterThan(10_000)
    expect(retryAfter).toBeLessThanOrEqual(20_000)
    expect(headers).toEqual({ 'Retry-After': String(Math.ceil(retryAfter / 1_000)) })
  })
})

describe('refreshes', () => {
  it('of one session beyond the limit are refused, and it lives on', async () => {
    const manager = aManager({ refresh: two })
    const { refreshToken, token } = await logIn(manager)
    const refresh = () => outcomeOf(manager.refreshSession(refreshToken))

    expect([await refresh(), await refresh(), await refresh()]).toEqual([
      'done',
      'done',
      'rate-limited',
    ])
    expect((await manager.validateSession(token)).success).toBe(true)
    const { refreshToken: another } = await logIn(manager)
    expect(await outcomeOf(manager.refreshSession(another))).toBe('done')
  })

  it('of one session are within the default, fifty at once', async () => {
    const manager = aManager()
    const { refreshToken } = await logIn(manager)
    const all = Array.from({ length: 50 }, () => outcomeOf(manager.refreshSession(refreshToken)))

    expect(new Set(await Promise.all(all))).toEqual(new Set(['done']))
  })
})

describe('tokens that are none', () => {
  it.each(['validateSession', 'verifyToken', 'refreshSession'] as const)(
    'for %s, from one address beyond the limit, are refused as such',
    async (method) => {
      const manager = aManager({ invalidToken: two })
      const [here, there] = [{ ip: anAddress() }, { ip: anAddress() }]
      const guess = (visitor?: { ip: string }) => outcomeOf(manager[method]('a.b.c', visitor))

      expect([await guess(here), await guess(here), await guess(here)]).toEqual([
        'invalid-token',
        'invalid-token',
        'rate-limited',
      ])
      expect([await guess(there), await guess()]).toEqual(['invalid-token', 'invalid-token'])
    },
  )

  it('stop nobody who brings a good one from the same address', async () => {
    const manager = aManager({ invalidToken: { ...two, points: 1 } })
    const ip = anAddress()
    const { token, refreshToken } = await logIn(manager)
    for (let guess = 0; guess < 5; guess++) await manager.validateSession('a.b.c', { ip })

    expect(await outcomeOf(manager.verifyToken('a.b.c', { ip }))).toBe('rate-limited')
    expect((await manager.validateSession(token, { ip })).success).toBe(true)
    expect((await manager.refreshSession(refreshToken, { ip })).success).toBe(true)
  })

  it('are not those that are over, or whose session has ended', async () => {
    const clock = new ManualClock()
    const engine = openSessions({ ledger: 'memory', sweepEvery: false, clock })
    const rateLimits = { invalidToken: { ...two, points: 1 } }
    const manager = new SessionManager({ engine, signing, rateLimits, accessTtl: '1m' })
    managers.push(manager)
    const visitor = { ip: anAddress() }
    const { token } = await logIn(manager)
    const use = () => outcomeOf(manager.validateSession(token, visitor))
    await manager.destroySession(token)

    expect([await use(), await use(), await use()]).toEqual(Array(3).fill('ended-session'))
    await clock.advance(70_000)
    expect([await use(), await use(), await use()]).toEqual(Array(3).fill('expired-token'))
  })
})

describe('processes', () => {
  it('count together in Redis, by keys that expire', async () => {
    const prefix = freshPrefix()
    const limits: RateLimitOptions = { redis, prefix, createOfUser: two }
    const [one, other] = [aManager(limits), aManager(limits)]
    const userId = randomUUID()
    const login = (manager: SessionManager) => outcomeOf(manager.createSession(userId, orgId))

    expect([await login(one), await login(other)]).toEqual(['done', 'done'])
    expect([await login(one), await login(other)]).toEqual(['rate-limited', 'rate-limited'])
    const keys = await redis.keys(`${prefix}*`)
    expect(keys).toEqual([expect.stringContaining('createOfUser')])
    const left = await redis.pttl(keys[0]!)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(30_000)
  })

  it('count together by a client that connects at its first command', async () => {
    const lazy = new Redis(sharedRedisUrl(), { lazyConnect: true })
    const manager = aManager({ redis: lazy, prefix: freshPrefix(), createOfUser: two })
    await manager.ready()
    await eventually(() => lazy.status === 'ready')
    const { user } = await logIn(manager)

    expect(await lazy.keys(`*createOfUser:${user.id}`)).toHaveLength(1)
    await lazy.quit()
  })

  it('count apart without Redis', async () => {
    const limits = { createOfUser: { ...two, points: 1 } }
    const { user } = await logIn(aManager(limits))

    expect(await outcomeOf(aManager(limits).createSession(user.id, orgId))).toBe('done')
  })
})

describe('without limits', () => {
  it('nobody is counted', async () => {
    const manager = aManager(false)
    const [userId, ip] = [randomUUID(), anAddress()]
    const logins = Array.from({ length: 120 }, () => logIn(manager, userId, ip))

    expect(await Promise.all(logins)).toHaveLength(120)
  })

  it('by default sixty logins of a user are let in within a minute', async () => {
    const manager = aManager()
    const userId = randomUUID()
    const logins = Array.from({ length: 61 }, () => outcomeOf(manager.createSession(userId, orgId)))

    expect((await Promise.all(logins)).filter((each) => each !== 'done')).toEqual(['rate-limited'])
  })
})
