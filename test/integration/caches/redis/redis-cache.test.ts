import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import type { RedisCacheOptions } from '../../../../src/caches/redis/redis-cache.js'
import { hashedIds, plainIds } from '../../../../src/core/session-id.js'
import { cacheContract } from '../../../../src/testing/cache-contract.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const HOUR = 3_600_000
const id = aRecord().id

let redis: Redis
let prefix: string

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
  prefix = freshPrefix()
})

afterAll(() => redis.quit())

afterEach(async () => {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
})

function openCache(options: Partial<RedisCacheOptions> = {}): RedisCache {
  return new RedisCache({ client: redis, prefix, ...options })
}

/** A cache that writes down what it was told of corrupt values. */
function openWatched(): { cache: RedisCache; problems: string[][] } {
  const problems: string[][] = []
  const cache = openCache({ onCorrupt: (whose, problem) => problems.push([whose, problem]) })
  return { cache, problems }
}

describe('the contract of a cache', () => {
  it.each(cacheContract)('$name', ({ check }) => check(async () => openCache()))
})

describe('keys', () => {
  it('hold the context and the public id, and never the cookie’s id', async () => {
    const hashed = hashedIds('admin')('the-cookies-id')!
    await fillCache(openCache({ context: 'admin' }), aRecord({ id: hashed }))

    const hash = createHash('sha256').update('admin:the-cookies-id').digest('base64url')
    expect(await redis.keys(`${prefix}*`)).toEqual([`${prefix}admin:${hash}`])
    expect(await redis.get(`${prefix}admin:${hash}`)).not.toContain('the-cookies-id')
  })

  it('tell plain ids of different contexts and tables apart', async () => {
    const options = [{ context: 'web' }, { context: 'admin' }, { context: 'web', table: 'logins' }]
    for (const each of options) {
      const plain = plainIds(each.context)('abc')!
      expect(await fillCache(openCache(each), aRecord({ id: plain }))).toBe('ok')
    }
    expect(await redis.keys(`${prefix}*`)).toHaveLength(3)
  })

  it('end with what they hold', async () => {
    const cache = openCache()
    await fillCache(cache, aRecord({ expiresAt: Date.now() + HOUR }))
    const left = await redis.pttl(`${prefix}web:${id}`)

    expect(left).toBeGreaterThan(HOUR - 5000)
    expect(left).toBeLessThanOrEqual(HOUR)
  })
})

describe('times', () => {
  it('of a record are reckoned from the ledger’s time', async () => {
    const ledgerTime = Date.UTC(2040, 0, 1)
    const cache = openCache({ now: () => ledgerTime })
    await fillCache(cache, aRecord({ expiresAt: ledgerTime + HOUR }))

    expect(await redis.pttl(`${prefix}web:${id}`)).toBeLessThanOrEqual(HOUR)
    expect((await cache.read(id)).kind).toBe('live')
  })

  it('of a record that the ledger’s time has passed make it absent', async () => {
    await fillCache(openCache(), aRecord())
    const later = openCache({ now: () => Date.now() + 2 * HOUR })

    expect(await later.read(id)).toEqual({ kind: 'absent' })
  })

  it('of a confirmation are Redis’s own', async () => {
    await fillCache(openCache(), aRecord())
    const [seconds] = await redis.time()
    const value = await redis.get(`${prefix}web:${id}`)

    expect(Math.abs(Number(value?.slice(94, 109)) - Number(seconds) * 1000)).toBeLessThan(2000)
  })

  it('of a token are three seconds', async () => {
    await openCache().reserve(id, 'a-token')
    const left = await redis.pttl(`${prefix}web:${id}`)

    expect(left).toBeGreaterThan(2000)
    expect(left).toBeLessThanOrEqual(3000)
  })

  it('of a token that are over let another fill begin', async () => {
    const cache = openCache()
    await cache.reserve(id, 'a-token')
    await redis.pexpire(`${prefix}web:${id}`, 0)

    expect((await cache.reserve(id, 'b-token')).kind).toBe('absent')
    expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('lost')
  })

  it('of a tombstone are at least those of the record that it replaced', async () => {
    const cache = openCache()
    await fillCache(cache, aRecord({ expiresAt: Date.now() + HOUR }))
    await cache.bury(id, { version: 2, ttl: 1 })

    expect(await redis.pttl(`${prefix}web:${id}`)).toBeGreaterThan(HOUR - 5000)
  })
})

describe('a value that is no record of its id', () => {
  it('reads as absent, and is reported, where two keys were swapped', async () => {
    const { cache, problems } = openWatched()
    const other = anId('another session')
    await fillCache(cache, aRecord({ id: other }))
    await redis.rename(`${prefix}web:${other}`, `${prefix}web:${id}`)

    expect(await cache.read(id)).toEqual({ kind: 'absent' })
    expect(problems).toEqual([[id, expect.stringContaining('another')]])
  })

  it.each([1, 8, 50, 108, 109, 116, 117, 128])(
    'reads as absent, cut to %i bytes',
    async (length) => {
      const { cache, problems } = openWatched()
      await fillCache(cache, aRecord({ data: 'a payload with an é' }))
      const value = await redis.getBuffer(`${prefix}web:${id}`)
      await redis.set(`${prefix}web:${id}`, value!.subarray(0, length))

      expect(await cache.read(id)).toEqual({ kind: 'absent' })
      expect(problems).toHaveLength(1)
    },
  )

  it.each(['', 'x', '{"cookie":{}}', 'T', 'F|token', 'L'.repeat(200), '\uFFFD'])(
    'gives way to a fill: %j',
    async (value) => {
      const { cache } = openWatched()
      await redis.set(`${prefix}web:${id}`, value)

      expect(await cache.reserve(id, 'a-token')).toEqual({ kind: 'absent' })
      expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('ok')
      expect((await cache.read(id)).kind).toBe('live')
    },
  )

  it('gives way to a fill where only its payload was altered', async () => {
    const { cache, problems } = openWatched()
    await fillCache(cache, aRecord())
    await redis.setrange(`${prefix}web:${id}`, 118, 'altered')

    expect(await cache.read(id)).toEqual({ kind: 'absent' })
    expect(await cache.reserve(id, 'a-token')).toEqual({ kind: 'absent' })
    expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('ok')
    expect(problems).toEqual([[id, expect.stringContaining('altered')]])
  })

  it('does not stand in the way of a fill, though a tombstone', async () => {
    const { cache } = openWatched()
    const other = anId('another session')
    await cache.bury(other, { version: 9, ttl: HOUR })
    await redis.rename(`${prefix}web:${other}`, `${prefix}web:${id}`)

    expect(await fillCache(cache, aRecord())).toBe('ok')
  })

  it('is not taken for a record by an update', async () => {
    await redis.set(`${prefix}web:${id}`, 'not ours')
    expect(await openCache().put(aRecord({ version: 2 }), 'update')).toBe('absent')
  })

  it('is buried', async () => {
    await redis.set(`${prefix}web:${id}`, 'not ours')
    const cache = openCache()
    await cache.bury(id, { version: 2, ttl: HOUR })
    expect(await cache.read(id)).toEqual({ kind: 'tombstone', version: 2 })
  })
})

describe('a client that was handed in', () => {
  it('may send a reserve again whose reply was lost', async () => {
    const cache = openCache()
    await cache.reserve(id, 'a-token')

    expect((await cache.reserve(id, 'a-token')).kind).toBe('absent')
    expect((await cache.reserve(id, 'b-token')).kind).toBe('filling')
  })

  it('is not closed', async () => {
    const cache = openCache()
    await cache.close()
    await expect(cache.ping()).resolves.toBeUndefined()
  })

  it('keeps its own key prefix', async () => {
    const prefixed = new Redis(sharedRedisUrl(), { keyPrefix: `${prefix}app:` })
    try {
      const cache = new RedisCache({ client: prefixed, prefix: 's:' })
      await fillCache(cache, aRecord())
      expect((await cache.read(id)).kind).toBe('live')
      expect(await redis.keys(`${prefix}*`)).toEqual([`${prefix}app:s:web:${id}`])
    } finally {
      prefixed.disconnect()
    }
  })

  it('may pipeline by itself', async () => {
    const pipelining = new Redis(sharedRedisUrl(), { enableAutoPipelining: true })
    try {
      const cache = openCache({ client: pipelining })
      const records = Array.from({ length: 50 }, () => aRecord({ id: anId() }))
      await Promise.all(records.map((record) => fillCache(cache, record)))
      const held = await Promise.all(records.map((record) => cache.read(record.id)))
      expect(held).toMatchObject(
        records.map((record) => ({ kind: 'live', record, trust: 'sound' })),
      )
    } finally {
      pipelining.disconnect()
    }
  })

  it('may speak RESP2', async () => {
    const resp2 = new Redis(sharedRedisUrl(), { protocol: 2 })
    try {
      const cache = openCache({ client: resp2 })
      expect((await cache.reserve(id, 'a-token')).kind).toBe('absent')
      expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('ok')
    } finally {
      resp2.disconnect()
    }
  })
})
