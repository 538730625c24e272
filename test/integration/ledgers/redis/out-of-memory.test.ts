import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { SessionLedger } from '../../../../src/core/ledger.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { aChange, anId, aRevocation } from '../../../../src/testing/fixtures.js'
import { freshPrefix, startRedis, type RedisServer } from '../../../services.js'

const HOUR = 3_600_000

let server: RedisServer
let redis: Redis
let ledger: SessionLedger
let held: SessionRecord

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})

beforeEach(async () => {
  await redis.config('SET', 'maxmemory', '0')
  ledger = new RedisLedger({ client: redis, prefix: freshPrefix() })
  const [outcome] = await ledger.commit([aChange({ userId: 'ada', ttl: HOUR })])
  if (outcome?.kind !== 'committed') throw new Error('It was not committed')
  held = outcome.record
  await redis.config('SET', 'maxmemory', '1')
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

describe('a Redis out of memory', () => {
  it('refuses inserts and updates, and keeps what there was', async () => {
    const change = aChange({ id: held.id, base: held, userId: 'grace', repair: true })

    await expect(ledger.commit([change])).rejects.toThrow('OOM')
    await expect(ledger.commit([aChange({ repair: true })])).rejects.toThrow('OOM')

    expect((await ledger.read([held.id])).get(held.id)).toEqual({ kind: 'live', record: held })
    expect(await ledger.list({ userId: 'ada', limit: 9 })).toHaveLength(1)
    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 0, users: 1 })
    expect(await ledger.pendingRepairs(9)).toEqual([])
  })

  it('ends sessions, and keeps the way barred to what is still under way', async () => {
    const absent = anId()

    const ended = await ledger.revoke([
      aRevocation({ id: held.id }),
      aRevocation({ id: absent, absentTtl: HOUR, repair: true }),
    ])

    expect([...ended]).toEqual([held.id])
    const kinds = [...(await ledger.read([held.id, absent])).values()].map(({ kind }) => kind)
    expect(kinds).toEqual(['tombstone', 'tombstone'])
    expect(await ledger.stats()).toEqual({ active: 0, expired: 0, revoked: 2, users: 0 })
    expect(await ledger.pendingRepairs(9)).toHaveLength(1)
  })

  it('writes down a repair of what has ended already', async () => {
    const end = aRevocation({ id: held.id, repair: true })
    await ledger.revoke([aRevocation({ id: held.id })])
    await ledger.revoke([end])
    await ledger.revoke([end])

    expect(await ledger.pendingRepairs(9)).toMatchObject([{ id: held.id }])
  })

  it('keeps a session that is active alive', async () => {
    const { expiresAt } = (await ledger.touch([{ id: held.id, ttl: 3 * HOUR }])).get(held.id)!

    expect(expiresAt).toBeGreaterThan(held.expiresAt)
    expect((await ledger.read([held.id])).get(held.id)).toMatchObject({ record: { expiresAt } })
    expect(await ledger.stats()).toMatchObject({ active: 1 })
  })

  it('is swept', async () => {
    await redis.config('SET', 'maxmemory', '0')
    const { id } = held
    await ledger.commit([aChange({ id, base: held, userId: 'ada', ttl: 1 })])
    await redis.config('SET', 'maxmemory', '1')

    expect(await sweptSoon()).toBe(1)
    expect(await ledger.stats()).toEqual({ active: 0, expired: 0, revoked: 0, users: 0 })
  })
})

async function sweptSoon(): Promise<number> {
  for (;;) {
    const batch = await ledger.sweep(9)
    if (batch.kind === 'swept' && batch.removed > 0) return batch.removed
  }
}
