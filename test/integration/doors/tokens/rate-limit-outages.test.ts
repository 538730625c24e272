import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionManager } from 'holdfast/tokens'
import { Redis } from 'ioredis'
import { startRedis, type RedisServer } from '../../../services.js'

const orgId = randomUUID()
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
const ip = '192.0.2.7'

let server: RedisServer
let redis: Redis
let engine: SessionEngine
let manager: SessionManager

beforeEach(async () => {
  server = await startRedis()
  redis = new Redis(server.url, { commandTimeout: 300, maxRetriesPerRequest: 0 })
  redis.on('error', () => {})
  engine = openSessions({ ledger: 'memory', sweepEvery: false, redisTimeout: '50ms' })
  const limit = { points: 6, duration: '1m' } as const
  const rateLimits = { redis, createOfUser: limit, invalidToken: limit }
  manager = new SessionManager({ engine, signing, rateLimits })
})

afterEach(async () => {
  redis.disconnect()
  await engine.close()
  await server.kill()
  await server.stop()
})

/** What each of these guesses came to. */
async function guess(times: number): Promise<unknown[]> {
  const reasons: unknown[] = []
  for (let each = 0; each < times; each++) {
    const result = await manager.validateSession('a.b.c', { ip })
    reasons.push(result.success || result.error.reason)
  }
  return reasons
}

const allowed = (times: number) => Array<string>(times).fill('invalid-token')

/** A call that everything waits for is made first: modules are loaded, connections are there. */
async function warmUp(): Promise<void> {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve))
  await guess(1)
  expect(await redis.flushall()).toBe('OK')
}

describe('a Redis that is frozen', () => {
  it('stops nobody, and is waited for no longer than redisTimeout', async () => {
    await warmUp()
    await server.freeze()
    const begunAt = performance.now()
    const login = await manager.createSession(randomUUID(), orgId)
    const took = performance.now() - begunAt

    expect(login.success).toBe(true)
    expect(took).toBeGreaterThanOrEqual(45)
    expect(took).toBeLessThan(250)
  })

  it('leaves each process to count by itself, once a call', async () => {
    await warmUp()
    await server.freeze()

    expect(await guess(3)).toEqual(allowed(3))
    // What Redis was asked in vain gives up: that is no second count of the same.
    await delay(400)
    expect(await guess(4)).toEqual([...allowed(3), 'rate-limited'])
  })
})

describe('a Redis that was killed', () => {
  it('stops nobody, and leaves each process to count by itself, until it is back', async () => {
    await warmUp()
    await server.kill()

    expect((await manager.createSession(randomUUID(), orgId)).success).toBe(true)
    expect(await guess(7)).toEqual([...allowed(6), 'rate-limited'])

    const ready = new Promise((resolve) => redis.once('ready', resolve))
    await server.restart()
    await ready
    expect(await guess(1)).toEqual(allowed(1))
    expect(await redis.keys('holdfast:limit:invalidToken:*')).toHaveLength(1)
  })

  it('and was never there is no reason to refuse anybody either', async () => {
    await server.kill()

    expect(await guess(7)).toEqual([...allowed(6), 'rate-limited'])
    await server.restart()
  })
})
