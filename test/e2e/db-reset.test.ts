import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import { PostgreSQLUserAdapter } from '../../src/doors/users/index.js'
import { openSessions } from '../../src/index.js'
import { openPool } from '../integration/ledgers/postgres/pool.js'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { runScript } from './npm-script.js'

let database: FreshDatabase
let name: string
let pool: Pool
let redisServer: RedisServer
let redis: Redis
let env: { DATABASE_URL: string; REDIS_URL: string }

beforeAll(async () => {
  redisServer = await startRedis()
  redis = new Redis(redisServer.url)
})

beforeEach(async () => {
  database = await freshDatabase()
  name = new URL(database.url).pathname.slice(1)
  pool = openPool(database.url)
  env = { DATABASE_URL: database.url, REDIS_URL: redisServer.url }
  await redis.flushall()
})

afterEach(async () => {
  await pool.end()
  await database.drop()
})

afterAll(async () => {
  redis.disconnect()
  await redisServer.stop()
})

describe('npm run db:reset', () => {
  beforeEach(fill)

  it.each([
    {
      script: 'db:reset:web',
      rows: { sessions: ['admin'], session_repairs: ['admin'], users: ['ADMIN'] },
      keys: /^session:(admin|web2):|^other:/,
      said: [/session_repairs: 1 rows/, /sessions: 3 rows/, /User: 2 rows/, /Redis: 4 keys/],
    },
    {
      script: 'db:reset:admin',
      rows: { sessions: ['web'], session_repairs: ['web'], users: ['USER'] },
      keys: /^session:(web|web2):|^other:/,
      said: [/session_repairs: 1 rows/, /sessions: 1 rows/, /User: 1 rows/, /Redis: 1 keys/],
    },
    {
      script: 'db:reset:all',
      rows: { sessions: [], session_repairs: [], users: [] },
      keys: /^other:/,
      said: [/session_repairs: 2 rows/, /sessions: 4 rows/, /User: 3 rows/, /Redis: 6 keys/],
    },
  ])('$script removes what it says, and leaves the rest', async ({ script, rows, keys, said }) => {
    const before = await redis.keys('*')

    const { status, output } = await runScript(script, env)

    expect({ status, output }).toMatchObject({ status: 0 })
    for (const line of said) expect(output).toMatch(line)
    expect(await kinds()).toEqual(rows)
    const left = before.filter((key) => keys.test(key)).sort()
    expect((await redis.keys('*')).sort()).toEqual(left)
    expect(output).toContain(`the database ${name} at ${new URL(database.url).host}`)
    expect(output).toContain(`Redis at 127.0.0.1:${redisServer.port}/0`)
    await runScript(script, env)
    expect(await kinds()).toEqual(rows)
  })

  it('clears what a Redis that is the ledger holds of one context, and of no other', async () => {
    for (const context of ['web', 'admin']) {
      const engine = openSessions({ redis: redisServer.url, context })
      const write = { content: { userId: 'ada' }, ttl: 60_000, cursor: { base: 'new' as const } }
      await engine.write(engine.idOf('a cookie')!, write)
      await engine.close()
    }

    await runScript('db:reset:web', env)

    expect(await redis.keys('session:web@*')).toEqual([])
    expect(await redis.keys('session:admin@*')).not.toEqual([])
  })

  it('clears the keys of the schema that DATABASE_URL names', async () => {
    await redis.flushall()
    const DATABASE_URL = `${database.url}?schema=accounts`
    const place = { schema: 'accounts', createTables: true }
    const engine = openSessions({ pool, redis: redisServer.url, ...place })
    await new PostgreSQLUserAdapter(pool, place).ready()
    const write = { content: { userId: 'ada' }, ttl: 60_000, cursor: { base: 'new' as const } }
    await engine.write(engine.idOf('a cookie')!, write)
    const before = await redis.keys('*')

    const { output } = await runScript('db:reset:web', { ...env, DATABASE_URL })

    expect(before).toEqual([expect.stringMatching(/^session:accounts\.:web:/)])
    expect(output).toMatch(/Redis: 1 keys/)
    expect(await engine.read(engine.idOf('a cookie')!)).toBeUndefined()
    await engine.close()
  })

  it('clears no keys where REDIS_URL is not set, and says so', async () => {
    const before = await redis.dbsize()

    const { status, output } = await runScript('db:reset:all', { DATABASE_URL: database.url })

    expect(status).toBe(0)
    expect(output).toContain('REDIS_URL is not set: no keys are cleared')
    expect(await redis.dbsize()).toBe(before)
  })

  it('clears more keys than one page of them', async () => {
    const many = Array.from({ length: 2_500 }, (_, n) => [`session:web:${n}`, 'x']).flat()
    await redis.mset(...many)

    expect((await runScript('db:reset:web', env)).output).toContain('Redis: 2504 keys removed')
    expect(await redis.keys('session:web:*')).toEqual([])
  })

  it.each([
    { where: 'in production', other: { NODE_ENV: 'production' } },
    { where: 'on a Postgres that is not local', other: { PGHOSTADDR: '' }, host: 'db.example.com' },
    { where: 'on a Redis that is not local', other: {}, redisHost: '0.0.0.0' },
  ])('does nothing $where, and asks for the name', async ({ other, host, redisHost }) => {
    const url = new URL(database.url)
    if (host !== undefined) url.hostname = host
    url.password = 'the-password'
    const redisUrl = new URL(env.REDIS_URL)
    if (redisHost !== undefined) redisUrl.hostname = redisHost
    const theirs = { ...other, DATABASE_URL: url.href, REDIS_URL: redisUrl.href }
    const [before, keys] = [await kinds(), await redis.dbsize()]

    for (const args of [[], ['--confirm', 'another'], ['--confirm', '']]) {
      const { status, output } = await runScript('db:reset:web', theirs, ...args)
      expect({ status, output }).toMatchObject({ status: 1 })
      expect(output).toContain(`Nothing was done to the database ${name} at ${url.host}`)
      expect(output).toContain('npm run db:reset:web -- --confirm <name>')
      expect(output).not.toContain('the-password')
    }
    expect(await kinds()).toEqual(before)
    expect(await redis.dbsize()).toBe(keys)
  })

  it('goes on in production where the name is typed', async () => {
    const { status } = await runScript(
      'db:reset:web',
      { ...env, NODE_ENV: 'production' },
      ...['--confirm', name],
    )

    expect(status).toBe(0)
    expect(await kinds()).toMatchObject({ users: ['ADMIN'] })
  })

  it('does nothing where the name that is typed is another one, also at home', async () => {
    const before = await kinds()

    const { status, output } = await runScript('db:reset:all', env, '--confirm', `${name}x`)

    expect(status).toBe(1)
    expect(output).toContain('--confirm names another database')
    expect(await kinds()).toEqual(before)
  })

  it('does nothing where Redis can not be reached', async () => {
    const before = await kinds()

    const { status, output } = await runScript('db:reset:all', {
      ...env,
      REDIS_URL: 'redis://127.0.0.1:1',
    })

    expect(status).toBe(1)
    expect(output).toContain('Nothing was done: Redis at 127.0.0.1:1/0 can not be reached')
    expect(await kinds()).toEqual(before)
  })

  it('changes nothing at all where one statement fails', async () => {
    await pool.query(`create table orders (id text references "User"(id))`)
    await pool.query(`insert into orders select id from "User"`)
    const [before, keys] = [await kinds(), await redis.dbsize()]

    const { status, output } = await runScript('db:reset:all', env)

    expect(status).toBe(1)
    expect(output).toMatch(/nothing was changed in the database .*violates foreign key constraint/)
    expect(await kinds()).toEqual(before)
    expect(await redis.dbsize()).toBe(keys)
  })

  it.each([[['everything']], [['web', 'admin']], [['--force']]])('refuses %p', async (args) => {
    const before = await kinds()

    const { status, output } = await runScript('db:reset:web', env, ...args)

    expect(status).toBe(1)
    expect(output).not.toBe('')
    expect(await kinds()).toEqual(before)
  })
})

/** Sessions of two contexts, one of them ended, users of both roles, and keys of theirs and of others. */
async function fill(): Promise<void> {
  const users = new PostgreSQLUserAdapter(pool, { createTables: true })
  await users.create({ email: 'ada@example.com' })
  await users.create({ email: 'bob@example.com' })
  await users.create({ email: 'root@example.com', role: 'ADMIN' })
  await fillContext('web', 3)
  await fillContext('admin', 1)
  await pool.query(
    `insert into session_repairs values ('1', 'web', 1, now()), ('2', 'admin', 1, now())`,
  )
  await redis.mset('session:web2:x', 'x', 'other:session:web:x', 'x')
  await redis.hset('session:web:of-another-kind', 'a', '1')
}

async function fillContext(context: string, count: number): Promise<void> {
  const engine = openSessions({
    ...{ pool, redis, context, createTables: true, sweepEvery: false, redisTimeout: '5s' },
  })
  for (let n = 0; n < count; n++) {
    const id = engine.idOf(`${context} ${n}`)!
    await engine.write(id, { content: {}, ttl: 3_600_000, cursor: { base: 'new' } })
  }
  // Its tombstone is a row, and a key.
  if (count > 1) await engine.remove(engine.idOf(`${context} 0`)!)
  await engine.close()
}

async function kinds(): Promise<Record<string, unknown[]>> {
  const listOf = async (text: string): Promise<unknown[]> => {
    const { rows } = await pool.query<{ kind: string }>(text)
    return rows.map(({ kind }) => kind)
  }
  return {
    sessions: await listOf('select distinct context as kind from sessions order by 1'),
    session_repairs: await listOf(
      'select distinct context as kind from session_repairs order by 1',
    ),
    users: await listOf('select distinct role::text as kind from "User" order by 1'),
  }
}
