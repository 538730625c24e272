import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { openRedis } from '../../../../src/drivers/redis/open-redis.js'
import { OFFSETS, packTime } from '../../../../src/drivers/redis/record-format.js'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import type { RedisConnection } from '../../../../src/drivers/redis/redis-client.js'
import type { HeldRecord } from '../../../../src/core/cache.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { aRecord } from '../../../../src/testing/fixtures.js'
import { startRedis, type RedisServer } from '../../../services.js'
import { eventually } from '../../../chaos/scene/eventually.js'

const HOUR = 3_600_000
const id = aRecord().id
const key = `session:web:${id}`

let server: RedisServer
let admin: Redis
let connection: RedisConnection
let cache: RedisCache

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(async () => {
  admin = new Redis(server.url, { disconnectTimeout: 50, retryStrategy: () => 10 })
  admin.on('error', () => {})
  await admin.flushall()
  connection = openRedis(server.url, { commandTimeout: 1000 })
  cache = new RedisCache({ client: connection.client, close: () => connection.close() })
})

afterEach(async () => {
  await cache.close()
  admin.disconnect()
})

afterAll(() => server.stop())

/** Kills Redis and starts it again with what it held at the time of its last SAVE. */
async function restartFromSnapshot(): Promise<void> {
  await server.kill()
  await server.restart()
  await eventually(() =>
    cache.ping().then(
      () => true,
      () => false,
    ),
  )
}

async function isConnected(): Promise<boolean> {
  await cache.ping()
  return true
}

async function trustOf(): Promise<string> {
  const held = await cache.read(id)
  return held.kind === 'live' ? held.trust : held.kind
}

describe('a Redis that comes back with an older snapshot', () => {
  it('is not believed in what it held before', async () => {
    await fillCache(cache, aRecord({ version: 1 }))
    await admin.save()
    expect(await cache.put(aRecord({ version: 2 }), 'update')).toBe('ok')
    await restartFromSnapshot()

    expect(await cache.read(id)).toMatchObject({ trust: 'doubtful', record: { version: 1 } })
  })

  it('is filled anew, over what it held before', async () => {
    await fillCache(cache, aRecord({ version: 1 }))
    await admin.save()
    await restartFromSnapshot()

    expect(await fillCache(cache, aRecord({ version: 2 }))).toBe('ok')
    expect(await cache.read(id)).toMatchObject({ trust: 'sound', record: { version: 2 } })
  })

  it('loses what it held to a write, and to a touch', async () => {
    await fillCache(cache, aRecord({ version: 1 }))
    await admin.save()
    await restartFromSnapshot()
    expect(await cache.put(aRecord({ version: 3 }), 'update')).toBe('unfilled')
    expect(await trustOf()).toBe('absent')

    await restartFromSnapshot()
    await cache.touch(id, { version: 1, expiresAt: Date.now() + HOUR })
    expect(await trustOf()).toBe('absent')
  })

  it('is not confirmed in what it held before', async () => {
    await fillCache(cache, aRecord())
    const seen = (await cache.read(id)) as HeldRecord
    await admin.save()
    await restartFromSnapshot()

    expect(await cache.confirm(seen, aRecord())).toBe('moved')
    expect(await trustOf()).toBe('doubtful')
  })

  it('does not take what was asked of the ledger before', async () => {
    await cache.reserve(id, 'a-token')
    await admin.save()
    await restartFromSnapshot()

    expect(await admin.exists(key)).toBe(1)
    expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('lost')
  })

  it('is believed in every tombstone', async () => {
    await cache.bury(id, { version: 1, ttl: HOUR })
    await admin.save()
    await restartFromSnapshot()

    expect(await trustOf()).toBe('tombstone')
  })
})

describe('a Redis that was demoted and is promoted again', () => {
  it('is not believed in what it held before', async () => {
    await fillCache(cache, aRecord())
    await admin.call('REPLICAOF', '127.0.0.1', '1')
    await admin.call('REPLICAOF', 'NO', 'ONE')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(isConnected)

    expect(await trustOf()).toBe('doubtful')
  })
})

describe('a connection that breaks and is made again', () => {
  it('changes nothing: it is the same run of Redis', async () => {
    await fillCache(cache, aRecord())
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(() =>
      cache.ping().then(
        () => true,
        () => false,
      ),
    )

    expect(await trustOf()).toBe('sound')
  })
})

describe('the lease of a record', () => {
  beforeEach(async () => {
    await fillCache(cache, aRecord())
    await admin.setrange(key, OFFSETS.confirmedAt, packTime(Date.now() - 60_100))
  })

  it('is over after a minute without the ledger', async () => {
    expect(await trustOf()).toBe('due')
  })

  it('begins anew when the record is confirmed', async () => {
    expect(await cache.confirm((await cache.read(id)) as HeldRecord, aRecord())).toBe('ok')
    expect(await trustOf()).toBe('sound')
  })

  it('is over as well where the clock of Redis was set back', async () => {
    await admin.setrange(key, OFFSETS.confirmedAt, packTime(Date.now() + HOUR))

    expect(await trustOf()).toBe('due')
  })
})

describe('a Redis that does not tell its run', () => {
  it('is believed over its restarts, and that is told once', async () => {
    const told: unknown[] = []
    const options = { username: 'kept', password: 'short', disconnectTimeout: 50 }
    const client = new Redis(server.url, {
      ...options,
      retryStrategy: () => 10,
      enableReadyCheck: false,
    })
    client.on('error', () => {})
    await allowAllButInfo()
    const untold = new RedisCache({ client, onUntold: (problem) => told.push(problem) })
    await eventually(() =>
      untold.ping().then(
        () => true,
        () => false,
      ),
    )
    await eventually(() => told.length > 0)

    expect(await fillCache(untold, aRecord())).toBe('ok')
    expect(await untold.read(id)).toMatchObject({ trust: 'sound' })
    expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining('NOPERM') })])
    client.disconnect()
  })

  async function allowAllButInfo(): Promise<void> {
    await admin.call('ACL', 'SETUSER', 'kept', 'on', '>short', '~*', '&*', '+@all', '-info')
  }
})
