import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import type { RedisClient } from '../../../../src/drivers/redis/redis-client.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { ledgerContract, type OpenLedger } from '../../../../src/testing/ledger-contract.js'
import {
  freshPrefix,
  sharedRedisUrl,
  startRedisCluster,
  type RedisCluster,
} from '../../../services.js'

describe('a Redis ledger', () => {
  let redis: Redis

  beforeAll(() => {
    redis = new Redis(sharedRedisUrl())
  })

  afterAll(() => redis.disconnect())

  it.each(ledgerContract)('$name', ({ check }) => check(openEmpty(redis, freshPrefix())))
})

describe('a Redis ledger on a Cluster', () => {
  let servers: RedisCluster
  let cluster: Cluster

  beforeAll(async () => {
    servers = await startRedisCluster(3)
    cluster = new Cluster(servers.primaries.map(({ url }) => url))
    cluster.on('error', () => {})
  })

  afterAll(async () => {
    cluster.disconnect()
    await servers.stop()
  })

  it.each(ledgerContract)('$name', ({ check }) => check(openEmpty(cluster, `{${freshPrefix()}}:`)))
})

function openEmpty(client: RedisClient, prefix: string): OpenLedger {
  return async ({ context } = {}) => new RedisLedger({ client, prefix, context })
}
