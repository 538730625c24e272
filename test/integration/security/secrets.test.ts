import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { Logger, SessionEventName } from '../../../src/index.js'
import { eventually } from '../../chaos/scene/eventually.js'
import { openHouse, type House } from '../../chaos/scene/house.js'
import { Visitor } from '../../chaos/scene/visitor.js'
import { freshDatabase, startPostgres, startRedis } from '../../services.js'
import type { FreshDatabase, PostgresServer, RedisServer } from '../../services.js'

const MARKER = 'the-marker-that-is-in-the-session'

/** What the names of all who log in begin with. */
const OWNER = 'owner-of-the-session'

let server: RedisServer
let database: FreshDatabase
let pool: Pool
let redis: Redis
let house: House

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  redis = new Redis(server.url)
  redis.on('error', () => {})
})

beforeEach(() => {
  pool = new Pool({ connectionString: database.url })
})

afterEach(async () => {
  await house.close()
  await pool.end()
})

afterAll(async () => {
  redis.disconnect()
  await Promise.all([server.stop(), database.drop()])
})

describe('neither Redis nor Postgres', () => {
  it('holds the id of a cookie', async () => {
    house = await openHouse({ redisUrl: server.url, pool, createTables: true })
    const visitors = await liveAbit(house)

    const dump = await dumpAll()
    expect(dump).toContain(MARKER)
    expect(dump).toContain(OWNER)
    for (const id of visitors.flatMap(idsOf)) expect(dump).not.toContain(id)
  })

  it('holds anything that is in a session, or whose it is, where sessions are encrypted', async () => {
    const encryption = { keys: { one: randomBytes(32).toString('hex') }, current: 'one' }
    house = await openHouse({ redisUrl: server.url, pool, createTables: true, encryption })
    await redis.flushall()
    await pool.query('truncate sessions, session_repairs')
    const visitors = await liveAbit(house)

    const dump = await dumpAll()
    expect(dump).toContain('hf1.one.')
    for (const form of [MARKER, OWNER].flatMap(formsOf)) expect(dump).not.toContain(form)
    for (const id of visitors.flatMap(idsOf)) expect(dump).not.toContain(id)
    expect((await visitors[0]!.look()).content).toMatchObject({ marker: MARKER })
  })
})

describe('logs, events, errors and answers', () => {
  let postgres: PostgresServer
  let ownPool: Pool

  beforeAll(async () => {
    postgres = await startPostgres()
    ownPool = new Pool({ connectionString: await postgres.createDatabase() })
    ownPool.on('error', () => {})
  })

  afterAll(async () => {
    await ownPool.end()
    await postgres.stop()
  })

  it('never hold the id of a cookie, or what is in a session', async () => {
    const told: unknown[] = []
    house = await openHouse({
      redisUrl: server.url,
      pool: ownPool,
      createTables: true,
      logger: collecting(told),
    })
    for (const name of events) house.store.engine.on(name, (event) => told.push([name, event]))
    const visitors = await liveAbit(house)
    const [first, second, third] = visitors as [Visitor, Visitor, Visitor]

    await changeTogether(first)
    await ownPool.query('update sessions set data = $1 where "sessionId" = $2', [
      '[]',
      publicId(third),
    ])
    await redis.set(`session:web:${publicId(third)}`, 'damaged')
    const answers = [await third.look()]
    await server.kill()
    answers.push(await first.look(), await first.change('marker', MARKER))
    await server.restart()
    await eventually(() => house.breaker === 'closed')
    await postgres.kill()
    answers.push(await first.look(), await first.change('other', MARKER), await first.logout())
    await eventually(async () => (await second.login('again')).status === 500)
    await postgres.restart()

    const all = [...told, ...house.errors, ...answers.map(({ text }) => text)]
    const text = inspect(all, {
      depth: Infinity,
      maxArrayLength: Infinity,
      maxStringLength: Infinity,
      showHidden: true,
    })
    for (const expected of ['cache-failure', 'ledger-failure', 'corrupt-record', 'cache-state']) {
      expect(text).toContain(expected)
    }
    for (const id of visitors.flatMap(idsOf)) expect(text).not.toContain(id)
    expect(text.split(MARKER).length - 1).toBe(
      answers.filter(({ status }) => status === 200).length,
    )
  })
})

const events: readonly SessionEventName[] = [
  'conflict',
  'write-after-destroy',
  'revoked',
  'corrupt-record',
  'cache-failure',
  'cache-state',
  'ledger-failure',
  'repaired',
  'swept',
  'background-failure',
]

function collecting(told: unknown[]): Logger {
  const collect = (fields: object, message: string) => void told.push([fields, message])
  return { error: collect, warn: collect, info: collect, debug: collect }
}

/** Logins, changes, a logout, and a listing's revocation; the first, second and third visitor stay logged in. */
async function liveAbit(at: House): Promise<readonly Visitor[]> {
  const visitors = await Promise.all(
    'abcde'.split('').map((letter) => Visitor.loggedIn(at, `${OWNER}-${letter}`)),
  )
  for (const visitor of visitors) await visitor.change('marker', MARKER)
  await visitors[3]!.logout()
  await at.store.revoke(publicId(visitors[4]!))
  return visitors
}

async function changeTogether(visitor: Visitor): Promise<void> {
  await Promise.all(['one', 'two', 'three'].map((value) => visitor.change('same', value)))
}

function publicId(visitor: Visitor): string {
  return house.store.engine.idOf(visitor.sessionId) ?? ''
}

/** The id as the cookie has it, and in the forms into which somebody may have turned it. */
function idsOf(visitor: Visitor): readonly string[] {
  expect(visitor.sessionId.length).toBeGreaterThan(20)
  return formsOf(visitor.sessionId)
}

function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  return [
    text,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}

/** Every key and value of Redis, and every row of every table, as text. */
async function dumpAll(): Promise<string> {
  const keys = await redis.keys('*')
  const values = await Promise.all(keys.map((key) => redis.get(key)))
  const { rows: tables } = await pool.query<{ name: string }>(
    "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'",
  )
  const rows = await Promise.all(
    tables.map(async ({ name }) => {
      const result = await pool.query<{ t: string }>(`select t::text from ${name} t`)
      return result.rows.map(({ t }) => t)
    }),
  )
  expect(keys.length).toBeGreaterThan(2)
  return JSON.stringify([keys, values, rows])
}
