import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { PoolLike } from '../../src/index.js'
import { freshDatabase, freshPrefix, sharedRedisUrl, type FreshDatabase } from '../services.js'
import { openHouse, type House } from './scene/house.js'
import { Visitor } from './scene/visitor.js'

let database: FreshDatabase
let pool: Pool
let redis: Redis
let prefix: string
let house: House
let losing: { what: RegExp } | undefined

/** Does what is asked, and then breaks as a connection does whose reply never came: once for `losing`. */
const forgetful: PoolLike = {
  async query(query) {
    const result = await pool.query(query)
    if (!losing?.what.test(query.text)) return result
    losing = undefined
    throw new Error('Connection terminated unexpectedly')
  },
}

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.url })
  redis = new Redis(sharedRedisUrl())
})

beforeEach(async () => {
  prefix = freshPrefix()
  const options = { redisUrl: sharedRedisUrl(), prefix, createTables: true, redisTimeout: 500 }
  house = await openHouse({ ...options, pool: forgetful })
  await house.store.ready()
})

afterEach(async () => {
  losing = undefined
  await house.close()
})

afterAll(async () => {
  redis.disconnect()
  await pool.end()
  await database.drop()
})

describe('a reply of Postgres that was lost', () => {
  it('is no second version of a change', async () => {
    const visitor = await Visitor.loggedIn(house, 'visitor')
    const before = await versionOf(visitor)

    losing = { what: /inserted as|"writeId" = i\.write_id/ }
    expect((await visitor.change('count', 1)).status).toBe(204)

    expect(losing).toBeUndefined()
    expect(await versionOf(visitor)).toBe(before + 1)
    const record = (await redis.get(`${prefix}web:${idOf(visitor)}`)) ?? ''
    expect(Number(record.slice(9, 19))).toBe(before + 1)
    expect((await visitor.look()).content).toEqual({ userId: 'visitor', count: '1' })
  })

  it('is no failure of a login', async () => {
    losing = { what: /inserted as|"writeId" = i\.write_id/ }
    const visitor = await Visitor.loggedIn(house, 'visitor')

    expect(losing).toBeUndefined()
    expect((await visitor.look()).content).toEqual({ userId: 'visitor' })
  })

  it('is no failure of a logout', async () => {
    const visitor = await Visitor.loggedIn(house, 'visitor')

    losing = { what: /ended as/ }
    expect((await visitor.logout()).status).toBe(204)

    expect(losing).toBeUndefined()
    await redis.del(`${prefix}web:${idOf(visitor)}`)
    expect((await visitor.look()).status).toBe(401)
  })
})

function idOf(visitor: Visitor): string {
  return house.store.engine.idOf(visitor.sessionId) ?? ''
}

async function versionOf(visitor: Visitor): Promise<number> {
  const { rows } = await pool.query<{ version: number }>(
    'select version from sessions where "sessionId" = $1',
    [idOf(visitor)],
  )
  return rows[0]?.version ?? 0
}
