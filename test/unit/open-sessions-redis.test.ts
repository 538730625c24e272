import { describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { RedisFirstStore } from '../../src/doors/express/index.js'
import { openSessions } from '../../src/index.js'

/** It is asked for nothing here. */
const redis = new Redis({ lazyConnect: true })

describe('what Redis alone can not do', () => {
  it.each([
    ['near', true],
    ['near', { maxEntries: 10 }],
    ['createTables', true],
    ['schema', 'app'],
    ['table', 'sessions'],
    ['redisElsewhere', true],
  ])('is refused: %s %p', (option, value) => {
    expect(() => openSessions({ redis, [option]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }),
    )
  })

  it('is not missed where it is not asked for', async () => {
    const off = { near: false, createTables: false, redisElsewhere: false }
    const engine = openSessions({ redis, ...off })
    await engine.close()
  })

  it('is a Cluster without a hash tag in the prefix', () => {
    const cluster = new Cluster([], { lazyConnect: true })

    for (const prefix of [undefined, 'session:', '{}session:', '{session', 'a{}b{c}:']) {
      const options = prefix === undefined ? {} : { prefix }
      expect(() => openSessions({ redis: cluster, ...options })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'prefix' }),
      )
    }
    cluster.disconnect()
  })

  it('is a store that has Postgres behind Redis: a prisma that was forgotten is noticed', () => {
    for (const ledger of [{}, { prisma: undefined, pool: undefined }]) {
      expect(() => new RedisFirstStore({ redis, ...ledger })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'ledger' }),
      )
    }
  })
})
