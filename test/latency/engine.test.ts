import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals'
import { Pool } from 'pg'
import { openSessions, type SessionEngine, type SessionId } from '../../src/index.js'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { eventually } from '../chaos/scene/eventually.js'
import { best, inTurns, load, p99, RECOVERY, TIME_TO_MEASURE } from './measure.js'

jest.setTimeout(TIME_TO_MEASURE)

const REDIS_TIMEOUT = 50
const SESSIONS = 32

/** What a timer may be late by on such a machine, ms. */
const SLACK = 5

let server: RedisServer
let database: FreshDatabase
let pool: Pool
let tiered: SessionEngine
let alone: SessionEngine
let ids: readonly SessionId[]

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  pool = new Pool({ connectionString: database.url })
})

afterAll(async () => {
  await pool.end()
  await Promise.all([server.stop(), database.drop()])
})

beforeEach(async () => {
  const shared = { pool, createTables: true, redisTimeout: REDIS_TIMEOUT }
  tiered = openSessions({ ...shared, redis: server.url })
  alone = openSessions(shared)
  await Promise.all([tiered.ready(), alone.ready()])
  ids = await Promise.all(Array.from({ length: SESSIONS }, begin))
})

afterEach(() => Promise.all([tiered.close(), alone.close()]))

async function begin(_: unknown, number: number): Promise<SessionId> {
  const id = tiered.idOf(`a-session-of-this-test-${number}-${Math.random()}`)!
  await tiered.write(id, { content: { number }, ttl: 60_000, cursor: { base: 'new' } })
  return id
}

/** How long a read takes, ms. */
async function timed(engine: SessionEngine, id: SessionId): Promise<number> {
  const start = performance.now()
  const session = await engine.read(id)
  const elapsed = performance.now() - start
  expect(session).toBeDefined()
  return elapsed
}

const readsOf = (engine: SessionEngine) => (id: SessionId) => timed(engine, id)

describe('reads while Redis is killed', () => {
  afterEach(() => server.restart())

  it('take no longer than 150 ms (p99), and then 1.5 times what Postgres alone takes', async () => {
    const states: string[] = []
    tiered.on('cache-state', ({ state }) => states.push(state))
    await load(ids, readsOf(tiered), 3)
    await server.kill()
    const first = await load(ids, readsOf(tiered), 3)
    await eventually(() => states.includes('open'))
    const both = { tiered: readsOf(tiered), alone: readsOf(alone), turns: 10 }
    const { ofTiered, ofAlone } = await best(
      () => inTurns(ids, both),
      (p) => p.ofTiered <= p.ofAlone * 1.5,
    )

    expect(p99(first)).toBeLessThanOrEqual(150)
    expect(ofTiered).toBeLessThanOrEqual(ofAlone * 1.5)
  })
})

describe('reads while Redis is frozen', () => {
  it('take no longer than redisTimeout and 1.5 times what Postgres alone takes (p99)', async () => {
    const { frozen, bound } = await best(
      frozenOnce,
      (measured) => measured.frozen <= measured.bound,
    )

    expect(frozen).toBeLessThanOrEqual(bound)
  })

  async function frozenOnce(): Promise<{ frozen: number; bound: number }> {
    await eventually(async () => (await tiered.read(ids[0]!))?.tier === 'redis', RECOVERY)
    await server.freeze()
    const frozen = p99(await load(ids, readsOf(tiered), 10))
    const ofAlone = p99(await load(ids, readsOf(alone), 10))
    await server.thaw()
    return { frozen, bound: REDIS_TIMEOUT + SLACK + ofAlone * 1.5 }
  }
})

describe('what another process remembers of a session', () => {
  it('is refused within 10 ms (p99) of its end, with a healthy bus', async () => {
    const [here, there] = await openNear()
    const late = await best(
      async () => p99(await endOneByOne(here, there, 100)),
      (ms) => ms < 10,
    )
    await Promise.all([here.close(), there.close()])

    expect(late).toBeLessThan(10)
  })

  async function openNear(): Promise<[SessionEngine, SessionEngine]> {
    const options = { pool, createTables: true, redis: server.url, near: true }
    const engines: [SessionEngine, SessionEngine] = [openSessions(options), openSessions(options)]
    for (const engine of engines) {
      await eventually(async () => (await engine.health()).near?.isBelieved === true)
    }
    return engines
  }

  /** How long after it was acknowledged each end was seen by the other process, ms. */
  async function endOneByOne(
    here: SessionEngine,
    there: SessionEngine,
    count: number,
  ): Promise<number[]> {
    const latencies: number[] = []
    for (let number = 0; number < count; number++) {
      const id = await begin(undefined, number)
      await there.read(id)
      expect((await there.read(id))?.tier).toBe('near')
      await here.remove(id)
      const ended = performance.now()
      while (await there.read(id)) await new Promise((resolve) => setImmediate(resolve))
      latencies.push(performance.now() - ended)
    }
    return latencies
  }
})
