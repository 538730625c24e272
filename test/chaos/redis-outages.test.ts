import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { eventually } from './scene/eventually.js'
import { openHouse, type House } from './scene/house.js'
import { clientKinds } from './scene/redis-clients.js'
import { Visitor, type Answer } from './scene/visitor.js'

const REDIS_TIMEOUT = 50
/** What Redis may cost a request: its deadline, and slack for Postgres on a busy machine with two cores. */
const REDIS_CALL = REDIS_TIMEOUT + 250
/** The same, for one of sixteen requests that share the two cores. */
const REDIS_CALL_AMONG_MANY = REDIS_TIMEOUT + 550

let server: RedisServer
let database: FreshDatabase
let pool: Pool
let admin: Redis

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  pool = new Pool({ connectionString: database.url })
  admin = new Redis(server.url)
  admin.on('error', () => {})
})

afterAll(async () => {
  admin.disconnect()
  await pool.end()
  await Promise.all([server.stop(), database.drop()])
})

/** A way for Redis to be of no use, what ends it, and whether nothing at all is answered meanwhile. */
const outages = [
  {
    name: 'killed, and restarted empty',
    isSilent: true,
    begin: () => server.kill(),
    end: () => server.restart(),
  },
  {
    name: 'frozen, and thawed',
    isSilent: true,
    begin: () => server.freeze(),
    end: () => server.thaw(),
  },
  {
    name: 'out of memory, and given some',
    isSilent: false,
    async begin() {
      await admin.config('SET', 'maxmemory-policy', 'noeviction')
      await admin.config('SET', 'maxmemory', '1')
    },
    end: () => admin.config('SET', 'maxmemory', '0'),
  },
]

describe.each(clientKinds)('through $name', (client) => {
  let house: House
  let neighbour: House

  beforeEach(async () => {
    const options = { redisUrl: server.url, pool, createTables: true, redisTimeout: REDIS_TIMEOUT }
    house = await openHouse({ ...options, client })
    neighbour = await openHouse(options)
    await Promise.all([house.store.ready(), neighbour.store.ready()])
  })

  afterEach(() => Promise.all([house.close(), neighbour.close()]))

  it.each(outages)('sessions hold while Redis is $name', async ({ begin, end, isSilent }) => {
    const [still, changing, leaving] = await Promise.all(
      ['still', 'changing', 'leaving'].map((user) => Visitor.loggedIn(house, user)),
    )
    await changing!.change('count', 1)
    await expectShown(neighbour, { still: still!, changing: changing!, leaving: leaving! })

    await begin()
    const arriving = new Visitor(house)
    try {
      expectInTime(200, await still!.look())
      expectInTime(204, await arriving.login('arriving'))
      expectInTime(204, await changing!.change('count', 2))
      expectInTime(204, await leaving!.logout())
      expectInTime(401, await leaving!.look())
      for (const each of [house, neighbour]) {
        for (const answer of await lookTogether(each, [still!, arriving], 16)) {
          expectInTime(200, answer, REDIS_CALL_AMONG_MANY)
        }
        await expectNow(each)
        if (isSilent) expect(each.breaker).not.toBe('closed')
      }
    } finally {
      await end()
    }

    await eventually(() => [house, neighbour].every(({ breaker }) => breaker === 'closed'))
    await expectNow(house)
    await expectNow(neighbour)
    await eventually(nothingToRepair, 2_500)
    await expectNow(house)
    await expectNow(neighbour)
    expect(await heldFor(house, leaving!)).not.toMatch(/^L/)

    async function expectNow(at: House): Promise<void> {
      const [one, two, three, four] = await Promise.all(
        [still!, arriving, changing!, leaving!].map((visitor) => visitor.at(at).look()),
      )
      expect(one!.content).toEqual({ userId: 'still' })
      expect(two!.content).toEqual({ userId: 'arriving' })
      expect(three!.content).toEqual({ userId: 'changing', count: '2' })
      expect(four!.status).toBe(401)
    }
  })
})

describe('a single request that a frozen Redis did not answer', () => {
  let house: House
  let neighbour: House

  beforeEach(async () => {
    const options = { redisUrl: server.url, pool, createTables: true, redisTimeout: REDIS_TIMEOUT }
    house = await openHouse(options)
    neighbour = await openHouse(options)
  })

  afterEach(() => Promise.all([house.close(), neighbour.close()]))

  it.each([
    ['change', (visitor: Visitor) => visitor.change('count', 1), 200],
    ['logout', (visitor: Visitor) => visitor.logout(), 401],
  ] as const)('(%s) is what all read after it came back', async (_, act, status) => {
    const visitor = await Visitor.loggedIn(house, 'visitor')
    expect((await visitor.at(neighbour).look()).status).toBe(200)

    await server.freeze()
    try {
      expectInTime(204, await act(visitor))
      expect(house.breaker).toBe('closed')
    } finally {
      await server.thaw()
    }

    const content = status === 200 ? { userId: 'visitor', count: '1' } : undefined
    for (const at of [house, neighbour]) {
      await eventually(async () => {
        const answer = await visitor.at(at).look()
        return answer.status === status && isDeepStrictEqual(answer.content, content)
      }, 2_000)
    }
  })
})

async function expectShown(at: House, visitors: Record<string, Visitor>): Promise<void> {
  for (const [user, visitor] of Object.entries(visitors)) {
    expect((await visitor.at(at).look()).content).toMatchObject({ userId: user })
  }
}

/** Enough reads at once to open the circuit breaker, where they fail. */
function lookTogether(at: House, visitors: readonly Visitor[], times: number): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: times }, (_, index) => visitors[index % visitors.length]!.at(at).look()),
  )
}

/** However often a request asks Redis, it waits for it once. */
function expectInTime(status: number, answer: Answer, bound = REDIS_CALL): void {
  expect(answer.status).toBe(status)
  expect(answer.took).toBeLessThan(bound)
}

async function nothingToRepair(): Promise<boolean> {
  const { rows } = await pool.query('select from session_repairs')
  return rows.length === 0
}

/** What Redis holds of a visitor's session. */
async function heldFor({ store }: House, visitor: Visitor): Promise<string> {
  const id = store.engine.idOf(visitor.sessionId)
  return (await admin.get(`session:web:${id ?? ''}`)) ?? ''
}
