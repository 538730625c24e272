import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { SessionLedger } from '../../../../src/core/ledger.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { aChange, anId, aRecord, aRevocation } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BRIEF = 5

let redis: Redis
let prefix: string
let ledger: SessionLedger

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
})

beforeEach(() => {
  prefix = freshPrefix()
  ledger = new RedisLedger({ client: redis, prefix })
})

afterAll(() => redis.disconnect())

async function commit(fields: Parameters<typeof aChange>[0] = {}): Promise<SessionRecord> {
  const [outcome] = await ledger.commit([aChange(fields)])
  if (outcome?.kind !== 'committed') throw new Error(`The change is ${outcome?.kind}`)
  return outcome.record
}

async function keysHeld(): Promise<string[]> {
  const all = await redis.keys(`${prefix}*`)
  // What is known as done is forgotten by itself.
  const done = all.filter((key) => key.includes('@done:'))
  for (const key of done) expect(await redis.pttl(key)).toBeGreaterThan(0)
  const keys = all.filter((key) => !done.includes(key))
  return keys.map((key) => key.slice(prefix.length)).sort()
}

describe('what Redis holds', () => {
  it('is a value a session, and what finds it, all below the prefix and the context', async () => {
    const { id } = await commit({ userId: 'ada', repair: true })
    const ended = anId()
    await ledger.revoke([aRevocation({ id: ended, absentTtl: HOUR })])

    const kinds = ['dead', 'ids', 'live', 'noted', 'notes', 'owners', 'users']
    const named = [...kinds, `session:${id}`, `session:${ended}`].map((name) => `web@${name}`)
    expect(await keysHeld()).toEqual(['@contexts', ...named].sort())
  })

  it('stays for a day beyond its time, so that its version goes on', async () => {
    const { id, version } = await commit({ ttl: BRIEF, above: 6 })
    await delay(3 * BRIEF)

    const ttl = await redis.pttl(`${prefix}web@session:${id}`)
    expect(ttl).toBeGreaterThan(DAY - HOUR)
    expect(ttl).toBeLessThanOrEqual(DAY + BRIEF)
    expect((await commit({ id })).version).toBe(version + 1)
  })

  it('stays for as long as a touch has moved its end, and a day', async () => {
    const { id } = await commit({ ttl: HOUR })

    await ledger.touch([{ id, ttl: 3 * HOUR }])

    expect(await redis.pttl(`${prefix}web@session:${id}`)).toBeGreaterThan(DAY + 2 * HOUR)
    expect(Number(await redis.zscore(`${prefix}web@live`, id))).toBeGreaterThan(
      ledger.now() + 2 * HOUR,
    )
  })

  it('is no more than it was once all has expired and was swept, but for the context', async () => {
    const base = await commit({ userId: 'ada' })
    await commit({ id: base.id, base, userId: 'grace', ttl: BRIEF })
    await ledger.revoke([aRevocation({ id: anId(), absentTtl: BRIEF })])
    const { id } = await commit({ userId: 'ada', ttl: BRIEF })
    await ledger.revoke([aRevocation({ id })])
    await delay(4 * BRIEF)

    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 3 })
    expect(await keysHeld()).toEqual(['@contexts'])
  })

  it('is one entry for an id that is begun anew behind a tombstone', async () => {
    const id = anId()
    await ledger.revoke([aRevocation({ id, absentTtl: BRIEF })])
    await delay(4 * BRIEF)

    await commit({ id })

    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 0, users: 0 })
  })

  it('finds a session of one user at a time', async () => {
    const first = await commit({ userId: 'ada' })
    const second = await commit({ id: first.id, base: first, userId: 'grace' })
    expect(await redis.zrange(`${prefix}web@users`, '0', '-1')).toEqual([`grace\0${first.id}`])

    await commit({ id: first.id, base: second, userId: undefined })
    expect(await keysHeld()).not.toContain('web@users')
    expect(await keysHeld()).not.toContain('web@owners')
  })

  it('finds nothing of a user whose name another one’s begins with', async () => {
    await commit({ userId: 'ada' })
    await commit({ userId: 'ada\u0001' })
    await commit({ userId: 'ad' })

    expect(await ledger.list({ userId: 'ada', limit: 9 })).toHaveLength(1)
    expect(await ledger.stats()).toMatchObject({ users: 3 })
  })

  it('is apart from that of other contexts and prefixes', async () => {
    const nested = new RedisLedger({ client: redis, prefix: `${prefix}web@session:` })
    const admin = new RedisLedger({ client: redis, prefix, context: 'admin' })
    const { id } = await commit({ userId: 'ada' })

    for (const each of [nested, admin]) {
      expect((await each.read([id])).size).toBe(0)
      expect((await each.touch([{ id, ttl: HOUR }])).size).toBe(0)
      await each.revoke([aRevocation({ id, absentTtl: HOUR })])
    }
    expect((await ledger.read([id])).get(id)?.kind).toBe('live')
    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 0, users: 1 })
  })

  it('is apart from that of a cache of the same prefix and context', async () => {
    const cache = new RedisCache({ client: redis, prefix })
    const { id } = await commit()
    expect((await cache.read(id)).kind).toBe('absent')

    await cache.bury(id, { version: 9, ttl: HOUR })
    await fillCache(cache, aRecord({ id: anId('another'), version: 9 }))

    expect((await ledger.read([id, anId('another')])).size).toBe(1)
    expect((await ledger.read([id])).get(id)?.kind).toBe('live')
  })
})

describe('what Redis has dropped', () => {
  it('is absent, also in lists, and can be begun anew', async () => {
    const dropped = await commit({ userId: 'ada' })
    const { id: held } = await commit({ userId: 'ada' })
    await redis.del(`${prefix}web@session:${dropped.id}`)

    expect([...(await ledger.read([dropped.id, held])).keys()]).toEqual([held])
    expect((await ledger.list({ userId: 'ada', limit: 9 })).map(({ id }) => id)).toEqual([held])
    expect((await ledger.list({ limit: 9 })).map(({ id }) => id)).toEqual([held])
    expect(await ledger.commit([aChange({ id: dropped.id, base: dropped })])).toEqual([
      { kind: 'gone', revoked: false },
    ])
    expect((await commit({ id: dropped.id })).version).toBe(1)
  })

  it('is swept when its time is over, with all that found it', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await commit({ userId: 'ada', ttl: BRIEF })).id),
    )
    await redis.del(...ids.map((id) => `${prefix}web@session:${id}`))
    await delay(4 * BRIEF)

    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 3 })
    expect(await keysHeld()).toEqual(['@contexts'])
  })

  it('is all of it, and the ledger begins anew', async () => {
    const base = await commit({ userId: 'ada' })
    await redis.del(...(await redis.keys(`${prefix}*`)))

    expect(await ledger.stats()).toEqual({ active: 0, expired: 0, revoked: 0, users: 0 })
    expect((await commit({ id: base.id })).version).toBe(1)
    expect(await ledger.list({ limit: 9 })).toHaveLength(1)
  })
})

describe('many sessions', () => {
  it('are swept in batches, each once, by whoever is first', async () => {
    const others = new RedisLedger({ client: redis, prefix })
    for (let batch = 0; batch < 20; batch++) {
      await ledger.commit(
        Array.from({ length: 500 }, (_, n) => aChange({ ttl: BRIEF, userId: `user ${n}` })),
      )
    }
    const { id } = await commit({ userId: 'ada' })
    await delay(2 * BRIEF)

    let removed = 0
    for (let batch = -1; batch !== 0; removed += batch) {
      const swept = await Promise.all([ledger.sweep(1500), others.sweep(1500)])
      const counts = swept.map((each) => (each.kind === 'swept' ? each.removed : 0))
      expect(Math.max(...counts)).toBeLessThanOrEqual(1500)
      batch = counts[0]! + counts[1]!
    }

    expect(removed).toBe(10_000)
    expect((await ledger.read([id])).size).toBe(1)
    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 0, users: 1 })
    expect(await redis.zcard(`${prefix}web@ids`)).toBe(1)
  })

  it('are spared by a sweep where they were touched after they had been found', async () => {
    const { id } = await commit({ ttl: HOUR, userId: 'ada' })
    await redis.zadd(`${prefix}web@live`, 1, id)

    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 0 })
    expect((await ledger.read([id])).get(id)?.kind).toBe('live')
    expect(await ledger.stats()).toMatchObject({ active: 1, expired: 0, users: 1 })
  })

  it('have their users counted exactly, and are listed past those that have expired', async () => {
    const owned = (user: number, ttl: number) => aChange({ userId: `user ${user}`, ttl })
    await ledger.commit(Array.from({ length: 1200 }, (_, n) => owned(n % 700, HOUR)))
    await ledger.commit(Array.from({ length: 1300 }, (_, n) => owned(n % 900, BRIEF)))
    await ledger.commit(Array.from({ length: 2300 }, () => owned(0, HOUR)))
    await delay(4 * BRIEF)

    expect(await ledger.stats()).toEqual({ active: 3500, expired: 1300, revoked: 0, users: 700 })
    expect(await ledger.list({ limit: 5 })).toHaveLength(5)
    const all = await ledger.list({ limit: 5000 })
    expect(new Set(all.map(({ id }) => id)).size).toBe(3500)
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort())
    expect(await ledger.list({ userId: 'user 899', limit: 5 })).toEqual([])
  })

  it('are read in one call, in whatever number', async () => {
    const changes = Array.from({ length: 100 }, () => aChange())
    await ledger.commit(changes)

    const held = await ledger.read([...changes.map(({ id }) => id), toSessionId('nobody')])

    expect([...held.keys()]).toEqual(changes.map(({ id }) => id))
  })
})
