import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError, openSessions } from '../../src/index.js'
import {
  freshPrefix,
  sharedRedisUrl,
  startPostgres,
  startRedis,
  type PostgresServer,
} from '../services.js'
import { eventually } from './scene/eventually.js'
import { openHouse } from './scene/house.js'
import { aPool } from './scene/postgres-clients.js'
import { clientKinds } from './scene/redis-clients.js'
import { Visitor } from './scene/visitor.js'

let postgres: PostgresServer

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.stop())

describe('ready', () => {
  it.each(clientKinds)('resolves with Redis out of reach, through $name', async (client) => {
    const redis = await startRedis()
    await redis.kill()
    const ledger = aPool.open(await postgres.createDatabase())
    const house = await openHouse({
      redisUrl: redis.url,
      client,
      createTables: true,
      ...ledger.tier,
    })

    const begun = performance.now()
    await house.store.ready()
    const visitor = await Visitor.loggedIn(house, 'early')
    expect((await visitor.look()).content).toEqual({ userId: 'early' })
    expect(performance.now() - begun).toBeLessThan(3_000)

    await redis.restart()
    await eventually(async () => (await house.store.health()).status === 'ok')
    expect((await visitor.look()).content).toEqual({ userId: 'early' })
    await house.close()
    await Promise.all([ledger.end(), redis.stop()])
  })

  it('rejects with Postgres out of reach, and may be asked again', async () => {
    const ledger = aPool.open(await postgres.createDatabase())
    const engine = openSessions({
      redis: sharedRedisUrl(),
      prefix: freshPrefix(),
      createTables: true,
      ...ledger.tier,
    })

    await postgres.kill()
    await expect(engine.ready()).rejects.toThrow(LedgerUnavailableError)
    await expect(engine.stats()).rejects.toThrow(LedgerUnavailableError)
    await postgres.restart()

    await expect(engine.ready()).resolves.toBeUndefined()
    await expect(engine.stats()).resolves.toMatchObject({ active: 0 })
    await engine.close()
    await ledger.end()
  })

  it('waits for tables that are created late', async () => {
    const ledger = aPool.open(await postgres.createDatabase())
    const early = openSessions({ ...ledger.tier })
    await expect(early.ready()).rejects.toMatchObject({ code: 'ERR_MIGRATION_REQUIRED' })

    const creator = openSessions({ ...ledger.tier, createTables: true })
    await creator.ready()

    await expect(early.ready()).resolves.toBeUndefined()
    await Promise.all([early.close(), creator.close()])
    await ledger.end()
  })
})
