import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { LedgerUnavailableError } from '../../src/index.js'
import {
  freshPrefix,
  sharedRedisUrl,
  startPostgres,
  startRedis,
  type PostgresServer,
  type RedisServer,
} from '../services.js'
import { eventually } from './scene/eventually.js'
import { openHouse, type House } from './scene/house.js'
import { aPool, ledgerKinds, type OpenLedgerClient } from './scene/postgres-clients.js'
import { Visitor, type Answer } from './scene/visitor.js'

const LEDGER_TIMEOUT = 300
const REDIS_TIMEOUT = 50
/** What a request may take beyond the deadlines, on a busy machine with two cores. */
const SLACK = 500

interface Row {
  readonly version: number
  readonly data: string
  readonly revokedAt: Date | null
}

let server: PostgresServer
let admin: Redis

beforeAll(async () => {
  server = await startPostgres()
  admin = new Redis(sharedRedisUrl())
})

afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

describe.each(ledgerKinds)('through $name', (kind) => {
  let url: string
  let prefix: string
  let ledger: OpenLedgerClient
  let neighbourLedger: OpenLedgerClient
  let house: House
  let neighbour: House

  beforeEach(async () => {
    url = await server.createDatabase()
    prefix = freshPrefix()
    ledger = kind.open(url)
    neighbourLedger = kind.open(url)
    const options = {
      redisUrl: sharedRedisUrl(),
      prefix,
      createTables: true,
      ledgerTimeout: LEDGER_TIMEOUT,
      redisTimeout: 200,
    }
    house = await openHouse({ ...options, ...ledger.tier })
    neighbour = await openHouse({ ...options, ...neighbourLedger.tier })
    await Promise.all([house.store.ready(), neighbour.store.ready()])
  })

  afterEach(async () => {
    await Promise.all([house.close(), neighbour.close()])
    await Promise.all([ledger.end(), neighbourLedger.end()])
  })

  it('a killed Postgres fails what needs it, and nobody becomes anonymous', async () => {
    const [held, unheld, leaving] = await logIn('held', 'unheld', 'leaving')
    await admin.del(keyOf(unheld))

    await server.kill()
    try {
      for (const at of [house, neighbour]) {
        expectContent(await held.at(at).look(), { userId: 'held' })
        expectFailure(at, await unheld.at(at).look(), 'read')
      }
      expectFailure(house, await held.change('count', 1), 'commit')
      expect((await new Visitor(house).login('arriving')).status).toBe(500)
      expectFailure(house, await leaving.logout(), 'revoke')
      expect(house.errors.at(-1)!.message).toContain('not durable yet')
      for (const at of [house, neighbour]) expect((await leaving.at(at).look()).status).toBe(401)
    } finally {
      await server.restart()
    }

    for (const at of [house, neighbour]) {
      expectContent(await held.at(at).look(), { userId: 'held' })
      expectContent(await unheld.at(at).look(), { userId: 'unheld' })
      expect((await leaving.at(at).look()).status).toBe(401)
    }
    expect((await held.change('count', 2)).status).toBe(204)
    expectContent(await held.at(neighbour).look(), { userId: 'held', count: '2' })
    await eventually(async () => (await rowOf(leaving)).revokedAt !== null, 2_500)
    await admin.del(keyOf(leaving))
    expect((await leaving.at(neighbour).look()).status).toBe(401)
    expect((await new Visitor(neighbour).login('arriving')).status).toBe(204)
  })

  it('a frozen Postgres fails what needs it within the deadline', async () => {
    const [held, unheld, leaving] = await logIn('held', 'unheld', 'leaving')
    await admin.del(keyOf(unheld))

    await server.freeze()
    try {
      expectContent(await held.look(), { userId: 'held' })
      const asked = [unheld.look(), held.change('count', 1), leaving.logout()]
      for (const answer of await Promise.all(asked)) {
        expect(answer.status).toBe(500)
        expect(answer.took).toBeLessThan(LEDGER_TIMEOUT + SLACK)
      }
    } finally {
      await server.thaw()
    }
    expect(house.errors).toHaveLength(3)
    expect(house.errors.every((error) => error instanceof LedgerUnavailableError)).toBe(true)

    await eventually(async () => (await unheld.look()).status === 200)
    expectContent(await unheld.look(), { userId: 'unheld' })
    expect((await leaving.look()).status).toBe(401)
  })

  it('a change that timed out and is made again is there once, at one version everywhere', async () => {
    const [visitor] = await logIn('visitor')
    const before = (await rowOf(visitor)).version

    await server.freeze()
    try {
      expect((await visitor.change('first', 1)).status).toBe(500)
    } finally {
      await server.thaw()
    }
    await eventually(async () => (await visitor.change('first', 1)).status === 204)
    await eventually(async () => (await visitor.at(neighbour).change('second', 2)).status === 204)

    const expected = { userId: 'visitor', first: '1', second: '2' }
    for (const at of [house, neighbour]) expectContent(await visitor.at(at).look(), expected)
    const { version, data } = await rowOf(visitor)
    expect(JSON.parse(data)).toMatchObject(expected)
    // The repair of the change that timed out may still come: then a read fills Redis anew.
    await eventually(async () => {
      await visitor.look()
      const record = (await admin.get(keyOf(visitor))) ?? ''
      return Number(record.slice(9, 19)) === version
    })
    // The change at most twice, and the neighbour's.
    expect(version - before).toBeLessThanOrEqual(3)
  })

  function logIn(...users: string[]): Promise<Visitor[] & Record<0 | 1 | 2, Visitor>> {
    return Promise.all(users.map((user) => Visitor.loggedIn(house, user))) as ReturnType<
      typeof logIn
    >
  }

  function keyOf(visitor: Visitor): string {
    return `${prefix}web:${house.store.engine.idOf(visitor.sessionId) ?? ''}`
  }

  async function rowOf(visitor: Visitor): Promise<Row> {
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<Row>(
      'select version, data, "revokedAt" from sessions where "sessionId" = $1',
      [house.store.engine.idOf(visitor.sessionId)],
    )
    await client.end()
    return rows[0]!
  }
})

describe('without Postgres and Redis', () => {
  let redis: RedisServer
  let ledger: OpenLedgerClient
  let house: House

  beforeEach(async () => {
    redis = await startRedis()
    ledger = aPool.open(await server.createDatabase())
    const options = { redisUrl: redis.url, createTables: true, ledgerTimeout: LEDGER_TIMEOUT }
    house = await openHouse({ ...options, ...ledger.tier })
  })

  afterEach(async () => {
    await house.close()
    await Promise.all([ledger.end(), redis.stop()])
  })

  it.each(['kill', 'freeze'] as const)('requests fail in time (%s)', async (how) => {
    const visitor = await Visitor.loggedIn(house, 'visitor')

    await Promise.all([server[how](), redis[how]()])
    try {
      const asked = [visitor.look(), visitor.change('count', 1), visitor.logout()]
      for (const answer of await Promise.all(asked)) {
        expect(answer.status).toBe(500)
        expect(answer.setCookie).toBeUndefined()
        expect(answer.took).toBeLessThan(2 * REDIS_TIMEOUT + LEDGER_TIMEOUT + SLACK)
      }
    } finally {
      await (how === 'kill' ? server.restart() : server.thaw())
      await redis.thaw()
    }
    expect(house.errors.map(({ name }) => name)).toEqual(Array(3).fill('LedgerUnavailableError'))
  })
})

function expectContent(answer: Answer, content: Record<string, unknown>): void {
  expect(answer.status).toBe(200)
  expect(answer.content).toEqual(content)
  expect(answer.setCookie).toBeUndefined()
}

/** An error handed to `next`, which Express answers with 500; the cookie stays as it is. */
function expectFailure(at: House, answer: Answer, operation: string): void {
  expect(answer.status).toBe(500)
  expect(answer.setCookie).toBeUndefined()
  const error = at.errors.at(-1)
  expect(error).toBeInstanceOf(LedgerUnavailableError)
  expect(error).toMatchObject({ operation })
}
