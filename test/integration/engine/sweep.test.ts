import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Pool } from 'pg'
import { openSessions, type PoolLike, type SessionEngine } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { eventually } from '../../chaos/scene/eventually.js'
import { freshDatabase, type FreshDatabase } from '../../services.js'

const EXPIRED = 20_000
const LIVE = 500
const HOUR = 3_600_000

let database: FreshDatabase
let pool: Pool
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.url })
  const creator = openSessions({ pool, createTables: true })
  await creator.ready()
  await creator.close()
})

afterEach(async () => {
  for (const end of opened.splice(0)) await end()
  await pool.query('truncate sessions')
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

describe('a sweep', () => {
  it('of four processes at once deletes what has expired, in short statements, and nothing else', async () => {
    await insertRows(EXPIRED, "interval '-1 minute'")
    await insertRows(LIVE / 2, "interval '1 hour'")
    // Mostly in the hour that is swept now.
    await insertRows(LIVE / 2, "interval '30 seconds'")
    const durations: number[] = []
    const engines = Array.from({ length: 4 }, () => openSweeper(durations))

    const results = await Promise.all(engines.map((engine) => engine.sweep()))

    expect(results.reduce((sum, { removed }) => sum + removed, 0)).toBe(EXPIRED)
    expect(await engines[0]!.stats()).toMatchObject({ expired: 0, active: LIVE })
    // Twenty batches: each is about a twentieth of the work, and no request waits for more.
    expect(durations.length).toBeGreaterThanOrEqual(EXPIRED / 1_000)
    expect(Math.max(...durations)).toBeLessThan(1_000)
  })

  it('comes by the clock', async () => {
    const clock = new ManualClock()
    const engine = openSessions({ pool, clock, sweepEvery: '1h' })
    opened.push(() => engine.close())
    await insertRows(10, "interval '-1 minute'")

    await clock.advance(0.89 * HOUR)
    expect(await countRows()).toBe(10)
    await clock.advance(0.22 * HOUR)
    await eventually(async () => (await countRows()) === 0)

    await insertRows(10, "interval '-1 minute'")
    await eventually(() => clock.pending > 0)
    await clock.advance(1.11 * HOUR)
    await eventually(async () => (await countRows()) === 0)
  })

  it('never comes by the clock where it is turned off', async () => {
    const clock = new ManualClock()
    const engine = openSessions({ pool, clock, sweepEvery: false })
    opened.push(() => engine.close())

    expect(clock.pending).toBe(0)
  })
})

/** An engine over a pool of its own, which notes how long each of its sweeping statements took, ms. */
function openSweeper(durations: number[]): SessionEngine {
  const own = new Pool({ connectionString: database.url, max: 1 })
  const timed: PoolLike = {
    async query(query) {
      const begun = performance.now()
      const result = await own.query(query)
      if (query.text.includes('sweeper')) durations.push(performance.now() - begun)
      return result
    },
  }
  const engine = openSessions({ pool: timed, sweepEvery: false })
  opened.push(async () => {
    await engine.close()
    await own.end()
  })
  return engine
}

async function insertRows(count: number, untilExpiry: string): Promise<void> {
  await pool.query(
    `insert into sessions ("sessionId", context, version, "writeId", data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
     select gen_random_uuid()::text, 'web', 1, gen_random_uuid(), '{}', now(), now(), at,
            floor(extract(epoch from at) / 3600)
       from generate_series(1, $1), (select timezone('utc', now()) + ${untilExpiry} as at) t`,
    [count],
  )
}

async function countRows(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>('select count(*) from sessions')
  return Number(rows[0]?.count)
}
