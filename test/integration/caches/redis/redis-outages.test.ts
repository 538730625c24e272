import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { openRedis } from '../../../../src/drivers/redis/open-redis.js'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import type { RedisConnection } from '../../../../src/drivers/redis/redis-client.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'
import { startRedis, type RedisServer } from '../../../services.js'

const HOUR = 3_600_000
const id = aRecord().id

let server: RedisServer
let admin: Redis
let connection: RedisConnection
let cache: RedisCache

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(async () => {
  admin = new Redis(server.url, { disconnectTimeout: 50 })
  admin.on('error', () => {})
  await admin.flushall()
  connection = openRedis(server.url, { commandTimeout: 50 })
  cache = new RedisCache({ client: connection.client, close: () => connection.close() })
})

afterEach(async () => {
  await cache.close()
  admin.disconnect()
})

afterAll(() => server.stop())

describe('scripts', () => {
  it('survive a flush of all scripts', async () => {
    await fillCache(cache, aRecord())
    await admin.script('FLUSH')

    expect(await cache.put(aRecord({ version: 2 }), 'update')).toBe('ok')
  })

  it('are sent as text once, and by digest from then on', async () => {
    await admin.script('FLUSH')
    await cache.put(aRecord({ id: anId() }), 'update')
    await admin.config('RESETSTAT')
    await cache.put(aRecord({ id: anId() }), 'update')

    const statistics = await admin.info('commandstats')
    expect(statistics).toContain('cmdstat_evalsha:calls=1')
    expect(statistics).not.toContain('cmdstat_eval:')
  })

  it('put the records of one turn by one command, and leave long ones to themselves', async () => {
    const long = 'x'.repeat(100_000)
    await cache.put(aRecord({ id: anId() }), 'update')
    await admin.config('RESETSTAT')
    const data = ['', '', '', long, '', long]
    await Promise.all(data.map((each) => cache.put(aRecord({ id: anId(), data: each }), 'update')))

    expect(await admin.info('commandstats')).toContain('cmdstat_evalsha:calls=4')
  })

  it('put what came before the cache was closed', async () => {
    const other = new RedisCache({ client: admin })
    const absent = anId()
    await other.reserve(absent, 'a-token')
    const putting = other.put(aRecord({ id: absent }), { fill: 'a-token' })
    await new Promise(process.nextTick)
    await other.close()

    expect(await putting).toBe('ok')
  })

  it('survive a restart of Redis', async () => {
    await fillCache(cache, aRecord())
    await server.kill()
    await expect(cache.put(aRecord(), 'update')).rejects.toThrow()
    await server.restart()

    await eventually(() => cache.ping())
    expect(await fillCache(cache, aRecord())).toBe('ok')
  })
})

describe('a frozen Redis', () => {
  it('makes each command reject within the time that a command has', async () => {
    await cache.ping()
    await server.freeze()
    const begun = performance.now()
    try {
      const acts = [
        cache.read(id),
        cache.reserve(id, 'a-token'),
        cache.put(aRecord(), 'update'),
        cache.bury(id, { version: 1, ttl: HOUR }),
        cache.forget(id, 1),
        cache.touch(id, { version: 1, expiresAt: Date.now() + HOUR }),
        cache.ping(),
      ]
      const outcomes = await Promise.allSettled(acts)
      expect(outcomes.map(({ status }) => status)).toEqual(acts.map(() => 'rejected'))
      expect(performance.now() - begun).toBeLessThan(500)
    } finally {
      await server.thaw()
    }
  })

  it('lets the client close', async () => {
    await cache.ping()
    await server.freeze()
    try {
      await expect(cache.close()).resolves.toBeUndefined()
    } finally {
      await server.thaw()
    }
  })
})

describe('a Redis out of memory', () => {
  const live = aRecord({ version: 2 })

  beforeEach(async () => {
    await fillCache(cache, live)
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await admin.config('SET', 'maxmemory', '1')
  })

  afterEach(() => admin.config('SET', 'maxmemory', '0'))

  it('refuses a put, and keeps what it holds', async () => {
    await expect(cache.put(aRecord({ version: 3 }), 'update')).rejects.toThrow('OOM')
    expect(await cache.read(id)).toMatchObject({ kind: 'live', record: live, trust: 'sound' })
  })

  it('refuses the puts of one turn, but for those that need no room', async () => {
    const outcomes = await Promise.allSettled([
      cache.put(aRecord({ version: 3 }), 'update'),
      cache.put(aRecord({ id: anId(), version: 3 }), 'update'),
      cache.put(aRecord({ version: 1 }), 'update'),
    ])

    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('OOM') } },
      { status: 'fulfilled', value: 'absent' },
      { status: 'fulfilled', value: 'newer' },
    ])
  })

  it('refuses a reserve', async () => {
    await expect(cache.reserve(anId(), 'a-token')).rejects.toThrow('OOM')
  })

  it('forgets a record', async () => {
    await cache.forget(id, 3)
    expect(await cache.read(id)).toEqual({ kind: 'absent' })
  })

  it('buries a record', async () => {
    await cache.bury(id, { version: 3, ttl: HOUR })
    expect(await cache.read(id)).toEqual({ kind: 'tombstone', version: 3 })
  })

  it('buries what is absent', async () => {
    const absent = anId()
    await cache.bury(absent, { version: 3, ttl: HOUR })
    expect(await cache.read(absent)).toEqual({ kind: 'tombstone', version: 3 })
  })

  it('moves an expiry later', async () => {
    const expiresAt = live.expiresAt + HOUR
    await cache.touch(id, { version: 2, expiresAt })
    expect(await cache.read(id)).toMatchObject({ kind: 'live', record: { ...live, expiresAt } })
  })

  it('deletes a record whose newer version has expired', async () => {
    await cache.put(aRecord({ version: 3, expiresAt: Date.now() - 1 }), 'update')
    expect(await cache.read(id)).toEqual({ kind: 'absent' })
  })

  it('answers a put that it has no use for', async () => {
    const large = aRecord({ version: 1, data: randomBytes(1024).toString('hex') })
    expect(await cache.put(large, 'update')).toBe('newer')
  })
})

async function eventually(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isDone = await act().then(
      () => true,
      () => false,
    )
    if (isDone) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It never came to pass')
}
