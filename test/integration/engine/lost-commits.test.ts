import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { openSessions, type SessionEngine } from '../../../src/index.js'
import { freshDatabase, freshPrefix, sharedRedisUrl, type FreshDatabase } from '../../services.js'

const HOUR = 3_600_000
const SID = 'the session'

let database: FreshDatabase
let pool: Pool
let redis: Redis
let engines: SessionEngine[]

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.url })
  redis = new Redis(sharedRedisUrl())
})

beforeEach(async () => {
  engines = []
  await openEngine({ createTables: true }).ready()
  await pool.query('drop table if exists before_failover')
  await pool.query('truncate sessions')
})

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()))
})

afterAll(async () => {
  redis.disconnect()
  await pool.end()
  await database.drop()
})

describe('a Postgres that comes back with an older copy of a session', () => {
  it('keeps what two requests change, of whom one had loaded the commit that was lost', async () => {
    const [a, b, c] = [openEngine(), openEngine(), openEngine()]
    await begin(b)
    await takeCopy()
    await change(b, await load(b), { ofB: 1 })
    const ofA = await load(a)
    await putBack()
    await change(c, await load(c), { ofC: 1 })
    expect(await versionInPostgres()).toBe(ofA.version)

    await change(a, ofA, { ofA: 1 })

    expect((await load(c)).content).toEqual({ ofA: 1, ofC: 1 })
    expect(await versionInPostgres()).toBe(3)
  })

  it('keeps it where Redis had remembered the commit that was lost', async () => {
    const prefix = freshPrefix()
    const [a, b] = [openEngine({ redis, prefix }), openEngine({ redis, prefix })]
    const c = openEngine()
    await begin(b)
    await takeCopy()
    await change(b, await load(b), { ofB: 1 })
    await change(b, await load(b), { ofB: 2 })
    await putBack()
    await change(c, await load(c), { ofC: 1 })
    const ofA = await load(a)
    expect(ofA).toMatchObject({ tier: 'redis', content: { ofB: 2 }, version: 3 })

    await change(a, ofA, { ofA: 1 })

    expect(await load(b)).toMatchObject({ tier: 'redis', version: 4 })
    expect((await load(b)).content).toEqual({ ofA: 1, ofC: 1 })
    expect((await load(c)).content).toEqual({ ofA: 1, ofC: 1 })
  })
})

function openEngine(options: Partial<Parameters<typeof openSessions>[0]> = {}): SessionEngine {
  const engine = openSessions({ pool, sweepEvery: false, redisTimeout: 500, ...options })
  engines.push(engine)
  return engine
}

type Loaded = NonNullable<Awaited<ReturnType<SessionEngine['read']>>>

async function begin(engine: SessionEngine): Promise<void> {
  const cursor = { base: 'new' } as const
  await engine.write(engine.idOf(SID)!, { content: {}, ttl: HOUR, cursor })
}

async function load(engine: SessionEngine): Promise<Loaded> {
  return (await engine.read(engine.idOf(SID)!))!
}

async function change(engine: SessionEngine, base: Loaded, keys: object): Promise<void> {
  const content = { ...base.content, ...keys }
  const outcome = await engine.write(base.id, { content, ttl: HOUR, cursor: { base } })
  expect(outcome).toBe('written')
}

async function takeCopy(): Promise<void> {
  await pool.query('create table before_failover as table sessions')
}

/** As a replica does that takes over and had not seen the last commits. */
async function putBack(): Promise<void> {
  await pool.query('truncate sessions')
  await pool.query('insert into sessions table before_failover')
}

async function versionInPostgres(): Promise<number | undefined> {
  const { rows } = await pool.query<{ version: number }>('select version from sessions')
  return rows[0]?.version
}
