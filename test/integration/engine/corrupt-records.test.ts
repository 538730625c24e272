import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { SessionEvents } from '../../../src/index.js'
import { openHouse, type House } from '../../chaos/scene/house.js'
import { Visitor } from '../../chaos/scene/visitor.js'
import { freshDatabase, freshPrefix, sharedRedisUrl, type FreshDatabase } from '../../services.js'

let database: FreshDatabase
let pool: Pool
let redis: Redis
let prefix: string
let house: House
let events: SessionEvents['corrupt-record'][]

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.url })
  redis = new Redis(sharedRedisUrl())
})

beforeEach(async () => {
  prefix = freshPrefix()
  events = []
  house = await openHouse({
    redisUrl: sharedRedisUrl(),
    prefix,
    pool,
    createTables: true,
    redisTimeout: 500,
  })
  house.store.engine.on('corrupt-record', (event) => events.push(event))
})

afterEach(() => house.close())

afterAll(async () => {
  redis.disconnect()
  await pool.end()
  await database.drop()
})

describe('a damaged row in Postgres', () => {
  it.each([
    ['is no JSON', '{"userId":'],
    ['is an array', '[1,2]'],
    ['is empty', ''],
    ['is a number', '7'],
    ['is null', 'null'],
  ])('reads as absent where it %s, and is told', async (_, data) => {
    const visitor = await Visitor.loggedIn(house, 'visitor')
    await pool.query('update sessions set data = $2 where "sessionId" = $1', [idOf(visitor), data])
    await redis.del(keyOf(visitor))

    expect((await visitor.look()).status).toBe(401)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ id: idOf(visitor), tier: 'postgres' })
  })
})

describe('a damaged record in Redis', () => {
  it.each([
    ['is cut in its payload', (value: string) => value.slice(0, -5)],
    ['is cut in its header', (value: string) => value.slice(0, 60)],
    ['is altered in its payload', (value: string) => value.replace('"visitor"', '"admins_"')],
    ['has no known kind', (value: string) => `X${value.slice(1)}`],
    ['is something else', () => 'something else'],
    ['is empty', () => ''],
  ])('is answered by Postgres where it %s, and told', async (_, damage) => {
    const visitor = await Visitor.loggedIn(house, 'visitor')
    const value = await valueOf(visitor)
    await redis.set(keyOf(visitor), damage(value))

    expect((await visitor.look()).content).toEqual({ userId: 'visitor' })
    expect(events.length).toBeGreaterThan(0)
    expect(new Set(events.map(({ id, tier }) => `${tier} ${id}`))).toEqual(
      new Set([`redis ${idOf(visitor)}`]),
    )
    expect(await valueOf(visitor)).toMatch(/^L/)
    const { length } = events
    expect((await visitor.look()).content).toEqual({ userId: 'visitor' })
    expect(events).toHaveLength(length)
  })

  it('is answered by Postgres where it is another session’s', async () => {
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map((user) => Visitor.loggedIn(house, user)),
    )
    const [ofAlice, ofBob] = [await valueOf(alice!), await valueOf(bob!)]
    await redis.mset(keyOf(alice!), ofBob, keyOf(bob!), ofAlice)

    expect((await alice!.look()).content).toEqual({ userId: 'alice' })
    expect((await bob!.look()).content).toEqual({ userId: 'bob' })
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([idOf(alice!), idOf(bob!)]))
  })

  it('is answered by Postgres where the key holds no string', async () => {
    const visitor = await Visitor.loggedIn(house, 'visitor')
    await redis.del(keyOf(visitor))
    await redis.rpush(keyOf(visitor), 'a list')

    expect((await visitor.look()).content).toEqual({ userId: 'visitor' })
    expect((await visitor.change('count', 1)).status).toBe(204)
    expect((await visitor.look()).content).toEqual({ userId: 'visitor', count: '1' })
    expect((await visitor.logout()).status).toBe(204)
    expect((await visitor.look()).status).toBe(401)
  })
})

function idOf(visitor: Visitor): string {
  return house.store.engine.idOf(visitor.sessionId) ?? ''
}

function keyOf(visitor: Visitor): string {
  return `${prefix}web:${idOf(visitor)}`
}

async function valueOf(visitor: Visitor): Promise<string> {
  return (await redis.get(keyOf(visitor))) ?? ''
}
