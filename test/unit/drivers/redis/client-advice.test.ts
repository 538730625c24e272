import { describe, expect, it } from '@jest/globals'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { adviceFor } from '../../../../src/drivers/redis/client-advice.js'
import type { RedisClient } from '../../../../src/drivers/redis/redis-client.js'

const right = {
  lazyConnect: true,
  commandTimeout: 1000,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} satisfies RedisOptions

describe('advice for a client', () => {
  it('is not given where all settings are right', () => {
    expect(adviceFor(new Redis(right))).toEqual([])
  })

  it.each([
    ['commandTimeout', undefined],
    ['enableOfflineQueue', true],
    ['autoResendUnfulfilledCommands', true],
    ['maxRetriesPerRequest', 20],
  ])('names %s where it is %s', (option, value) => {
    const advice = adviceFor(new Redis({ ...right, [option]: value }))
    expect(advice).toEqual([expect.stringContaining(option)])
  })

  it('names each setting that ioredis has wrong by default', () => {
    expect(adviceFor(new Redis({ lazyConnect: true }))).toHaveLength(4)
  })

  it('is not given to a Cluster whose nodes have a command timeout', () => {
    const cluster = new Cluster([], {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: { commandTimeout: 1000 },
    })
    expect(adviceFor(cluster)).toEqual([])
  })

  it('warns of a Cluster that reads from replicas', () => {
    const cluster = new Cluster([], {
      lazyConnect: true,
      enableOfflineQueue: false,
      scaleReads: 'slave',
      redisOptions: { commandTimeout: 1000 },
    })
    expect(adviceFor(cluster)).toEqual([expect.stringContaining('scaleReads')])
  })

  it('is not given where a client’s options can not be seen', () => {
    const client: RedisClient = {
      get: async () => null,
      eval: async () => null,
      evalsha: async () => null,
      ping: async () => 'PONG',
      info: async () => '',
      on: () => {},
      off: () => {},
    }
    expect(adviceFor(client)).toEqual([])
  })
})
