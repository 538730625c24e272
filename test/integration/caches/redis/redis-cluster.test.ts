import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Cluster } from 'ioredis'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { cacheContract } from '../../../../src/testing/cache-contract.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { freshPrefix, startRedisCluster, type RedisCluster } from '../../../services.js'
import { fasterBy, hear, type Heard } from './heard.js'

let servers: RedisCluster
let cluster: Cluster

beforeAll(async () => {
  servers = await startRedisCluster(3)
  cluster = new Cluster(
    servers.primaries.map(({ url }) => url),
    { redisOptions: { commandTimeout: 1000 }, clusterRetryStrategy: () => 50 },
  )
  cluster.on('error', () => {})
})

afterAll(async () => {
  cluster.disconnect()
  await servers.stop()
})

describe('the contract of a cache, on a Cluster', () => {
  it.each(cacheContract)('$name', ({ check }) =>
    check(async () => new RedisCache({ client: cluster, prefix: freshPrefix() })),
  )
})

describe('the bus, on a Cluster', () => {
  let heard: Heard

  beforeEach(async () => {
    heard = hear({ client: cluster, channel: 'bus', clock: fasterBy(10) })
    await eventually(() => heard.bus.isHealthy)
  })

  afterEach(() => heard.bus.close())

  it('hears what is published at any node', async () => {
    await cluster.publish('bus', 'an-id 7')

    await eventually(() => heard.messages.length > 0)
    expect(heard.messages).toEqual([['an-id', 7]])
    expect(heard.errors).toEqual([])
  })

  it('heals in a new epoch when its connection is killed', async () => {
    const { bus } = heard
    const { epoch } = bus
    await Promise.all(
      cluster.nodes('master').map((node) => node.call('CLIENT', 'KILL', 'TYPE', 'pubsub')),
    )

    await eventually(() => bus.isHealthy && bus.epoch === epoch + 1)
    expect(heard.errors).toEqual([])
  })

  it('leaves the Cluster open when it is closed', async () => {
    await heard.bus.close()

    expect(await cluster.ping()).toBe('PONG')
  })
})

describe('what a Cluster of three holds', () => {
  const records = Array.from({ length: 12 }, () => aRecord({ id: anId() }))
  let cache: RedisCache

  beforeEach(async () => {
    cache = new RedisCache({ client: cluster, prefix: freshPrefix() })
    for (const record of records) await fillCache(cache, record)
  })

  it('is with each of them, and is believed', async () => {
    const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()))

    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(await trustOfAll()).toEqual(records.map(() => 'sound'))
  })

  it('is doubtful everywhere, or gone, once one of them started anew', async () => {
    await servers.primaries[1]!.kill()
    await servers.primaries[1]!.restart()
    await servers.agreed()
    await eventually(async () => (await trustOfAll()).includes('absent'))

    expect(new Set(await trustOfAll())).toEqual(new Set(['absent', 'doubtful']))
    await fillCache(cache, aRecord({ id: records[0]!.id, version: 9 }))
    expect((await trustOfAll())[0]).toBe('sound')
  })

  function trustOfAll(): Promise<readonly string[]> {
    return Promise.all(
      records.map(async ({ id }) => {
        const held = await cache.read(id)
        return held.kind === 'live' ? held.trust : held.kind
      }),
    )
  }
})
