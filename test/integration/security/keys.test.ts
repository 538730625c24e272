import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { OFFSETS, packRecord, unpack } from '../../../src/drivers/redis/record-format.js'
import { toSessionId } from '../../../src/core/session-id.js'
import { DecryptionError, UnknownKeyError, type EncryptionOptions } from '../../../src/index.js'
import { openHouse, type House } from '../../chaos/scene/house.js'
import { Visitor } from '../../chaos/scene/visitor.js'
import { freshDatabase, freshPrefix, sharedRedisUrl, type FreshDatabase } from '../../services.js'

const keys = { old: randomBytes(32).toString('hex'), new: randomBytes(32).toString('hex') }

let database: FreshDatabase
let pool: Pool
let redis: Redis
let prefix: string
let opened: House[]

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.url })
  redis = new Redis(sharedRedisUrl())
})

beforeEach(() => {
  prefix = freshPrefix()
  opened = []
})

afterEach(() => Promise.all(opened.map((house) => house.close())))

afterAll(async () => {
  redis.disconnect()
  await pool.end()
  await database.drop()
})

describe('processes with different current keys', () => {
  it('read and change each other’s sessions', async () => {
    const before = await open({ keys, current: 'old' })
    const after = await open({ keys, current: 'new' })
    const visitor = await Visitor.loggedIn(before, 'visitor')
    expect(await dataOf(visitor)).toMatch(/^hf1\.old\./)

    expect((await visitor.at(after).look()).content).toEqual({ userId: 'visitor' })
    expect((await visitor.at(after).change('count', 1)).status).toBe(204)
    expect(await dataOf(visitor)).toMatch(/^hf1\.new\./)
    await redis.del(keyOf(visitor))
    expect((await visitor.look()).content).toEqual({ userId: 'visitor', count: '1' })
  })

  it('take a key that they do not have for an error, never for no session', async () => {
    const after = await open({ keys, current: 'new' })
    const before = await open({ keys: { old: keys.old }, current: 'old' })
    const visitor = await Visitor.loggedIn(after, 'visitor')

    const answer = await visitor.at(before).look()

    expect(answer.status).toBe(500)
    expect(answer.setCookie).toBeUndefined()
    expect(before.errors.at(-1)).toBeInstanceOf(UnknownKeyError)
    expect((await visitor.look()).content).toEqual({ userId: 'visitor' })
  })
})

describe('sealed sessions', () => {
  it.each([
    ['altered', (data: string) => data.slice(0, -3) + (data.endsWith('AAA') ? 'BBB' : 'AAA')],
    ['cut short', (data: string) => data.slice(0, 20)],
    ['of another key', (data: string) => data.replace('hf1.old', 'hf1.new')],
    ['no longer sealed', () => '{"userId":"admin","cookie":{}}'],
  ])('are an error where Postgres holds them %s', async (_, damage) => {
    const house = await open({ keys, current: 'old' })
    const visitor = await Visitor.loggedIn(house, 'visitor')
    await setData(visitor, damage(await dataOf(visitor)))
    await redis.del(keyOf(visitor))

    await expectRefused(house, visitor)
  })

  it('are an error where two were swapped in Postgres', async () => {
    const house = await open({ keys, current: 'old' })
    const [alice, bob] = [
      await Visitor.loggedIn(house, 'alice'),
      await Visitor.loggedIn(house, 'bob'),
    ]
    const [ofAlice, ofBob] = [await dataOf(alice), await dataOf(bob)]
    await setData(alice, ofBob)
    await setData(bob, ofAlice)
    await redis.del(keyOf(alice), keyOf(bob))

    await expectRefused(house, alice)
    await expectRefused(house, bob)
  })

  it('are answered by Postgres where only Redis holds them altered or swapped', async () => {
    const house = await open({ keys, current: 'old' })
    const [alice, bob] = [
      await Visitor.loggedIn(house, 'alice'),
      await Visitor.loggedIn(house, 'bob'),
    ]
    const damaged: string[] = []
    house.store.engine.on('corrupt-record', ({ id }) => damaged.push(id))
    const ofBob = (await redis.get(keyOf(bob))) ?? ''
    const ofAlice = (await redis.get(keyOf(alice))) ?? ''
    await redis.set(keyOf(alice), recordOf(alice, ofAlice, dataIn(bob, ofBob)))

    expect((await alice.look()).content).toEqual({ userId: 'alice' })
    expect(damaged).toEqual([house.store.engine.idOf(alice.sessionId)])
    expect((await redis.get(keyOf(alice))) ?? '').not.toContain(ofBob.slice(117))
    expect((await alice.look()).content).toEqual({ userId: 'alice' })
    expect(damaged).toHaveLength(1)
  })

  it('may be plaintext from before, where that is allowed', async () => {
    const plain = await open()
    const visitor = await Visitor.loggedIn(plain, 'visitor')
    const strict = await open({ keys, current: 'old' })
    const lenient = await open({ keys, current: 'old', allowPlaintext: true })
    await redis.del(keyOf(visitor))

    await expectRefused(strict, visitor.at(strict))
    expect((await visitor.at(lenient).look()).content).toEqual({ userId: 'visitor' })
    expect((await visitor.at(lenient).change('count', 1)).status).toBe(204)
    expect(await dataOf(visitor)).toMatch(/^hf1\.old\./)
    expect((await visitor.at(strict).look()).content).toEqual({ userId: 'visitor', count: '1' })
  })

  it('are an error to a process without encryption', async () => {
    const house = await open({ keys, current: 'old' })
    const plain = await open()
    const visitor = await Visitor.loggedIn(house, 'visitor')

    await expectRefused(plain, visitor.at(plain))
  })
})

async function open(encryption?: EncryptionOptions): Promise<House> {
  const house = await openHouse({
    redisUrl: sharedRedisUrl(),
    prefix,
    pool,
    createTables: true,
    redisTimeout: 500,
    ...(encryption && { encryption }),
  })
  opened.push(house)
  return house
}

async function expectRefused(house: House, visitor: Visitor): Promise<void> {
  const answer = await visitor.look()
  expect(answer.status).toBe(500)
  expect(answer.setCookie).toBeUndefined()
  expect(house.errors.at(-1)).toBeInstanceOf(DecryptionError)
}

function idOf(visitor: Visitor): string {
  return opened[0]!.store.engine.idOf(visitor.sessionId) ?? ''
}

function keyOf(visitor: Visitor): string {
  return `${prefix}web:${idOf(visitor)}`
}

/** The data in a record of Redis. */
function dataIn(visitor: Visitor, value: string): string {
  const found = unpack(toSessionId(idOf(visitor)), value)
  return found.kind === 'live' ? found.record.data : ''
}

/** A visitor's record with other data, whole and sound but for that. */
function recordOf(visitor: Visitor, value: string, data: string): string {
  const found = unpack(toSessionId(idOf(visitor)), value)
  if (found.kind !== 'live') throw new TypeError('There is no such record')
  const { head, payload } = packRecord({ ...found.record, data })
  return head + value.slice(OFFSETS.confirmedAt, OFFSETS.end) + payload
}

async function dataOf(visitor: Visitor): Promise<string> {
  const { rows } = await pool.query<{ data: string }>(
    'select data from sessions where "sessionId" = $1',
    [idOf(visitor)],
  )
  return rows[0]?.data ?? ''
}

async function setData(visitor: Visitor, data: string): Promise<void> {
  await pool.query('update sessions set data = $2 where "sessionId" = $1', [idOf(visitor), data])
}
