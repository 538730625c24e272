import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { Client } from 'pg'
import type { SessionId } from '../../../../src/core/session-id.js'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { aChange, anId } from '../../../../src/testing/fixtures.js'
import { freshDatabase } from '../../../services.js'
import type { FreshDatabase } from '../../../services.js'
import { waitUntilBlocked } from './locks.js'
import { openPool } from './pool.js'

describe('a sweep of Postgres', () => {
  let database: FreshDatabase
  let pool: Pool
  let ledger: PostgresLedger
  /** A connection that stands in a transaction of its own. */
  let other: Client

  beforeAll(async () => {
    database = await freshDatabase()
    pool = openPool(database.url)
    ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    await ledger.ready()
    other = new Client({ connectionString: database.url })
    await other.connect()
  })

  beforeEach(async () => {
    await other.query('rollback')
    await pool.query('truncate sessions, session_repairs')
    await other.query('begin')
  })

  afterAll(async () => {
    await other.end()
    await pool.end()
    await database.drop()
  })

  it('waits for nobody: a row that is locked is left to the next sweep', async () => {
    const [locked] = await expiredSessions(3)
    await other.query('select from sessions where "sessionId" = $1 for update', [locked])

    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 2 })
    await other.query('rollback')
    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 1 })
  })

  it('spares a row whose expiry is moved after it was chosen', async () => {
    const [extended] = await expiredSessions(2)
    await other.query('select pg_advisory_xact_lock(42)')

    const sweeping = new PostgresLedger({ client: waitingInside(fromPool(pool)) }).sweep(10)
    await waitUntilBlocked(other)
    await pool.query(
      `update sessions set "expiresAt" = "expiresAt" + interval '1 hour' where "sessionId" = $1`,
      [extended],
    )
    await other.query('commit')

    expect(await sweeping).toEqual({ kind: 'swept', removed: 1 })
    expect((await ledger.read([extended!])).get(extended!)?.kind).toBe('live')
    expect((await ledger.stats()).expired).toBe(0)
  })

  it('passes over what is locked, however much of it comes first', async () => {
    const ids = await expiredSessions(20)
    await other.query('select from sessions where "sessionId" = any($1) for update', [
      ids.slice(0, 7),
    ])
    const batches = []
    for (let time = 0; time < 4; time++) batches.push(await ledger.sweep(5))

    const removed = batches.map((each) => (each.kind === 'swept' ? each.removed : 0))
    expect(removed.reduce((sum, each) => sum + each)).toBe(13)
    expect(removed[0]).toBe(5)
  })

  it('spares live rows of partitions, which have the same places', async () => {
    const partitioned = await freshDatabase()
    const partitions = openPool(partitioned.url)
    try {
      await new PostgresLedger({ client: fromPool(partitions), createTables: true }).ready()
      await partitions.query(PARTITION)
      const there = new PostgresLedger({ client: fromPool(partitions) })
      const live = Array.from({ length: 40 }, () => anId())
      const expired = Array.from({ length: 20 }, () => aChange({ ttl: 1 }))
      await there.commit([...live.map((id) => aChange({ id })), ...expired])
      await delay(5)

      expect(await there.sweep(100)).toEqual({ kind: 'swept', removed: 20 })
      expect((await there.read(live)).size).toBe(40)
    } finally {
      await partitions.end()
      await partitioned.drop()
    }
  })

  it('goes on where others have deleted what it found', async () => {
    const found = await expiredSessions(6)
    expect(await ledger.sweep(2)).toEqual({ kind: 'swept', removed: 2 })
    await pool.query('delete from sessions')
    await expiredSessions(3)

    expect(await ledger.sweep(3)).toEqual({ kind: 'swept', removed: 3 })
    expect((await ledger.read(found)).size).toBe(0)
  })

  it('spares a live row that stands where an expired one was found', async () => {
    await expiredSessions(4)
    await ledger.sweep(1)
    await pool.query('truncate sessions')
    const ids = Array.from({ length: 4 }, () => anId())
    await ledger.commit(ids.map((id) => aChange({ id })))

    expect(await ledger.sweep(4)).toEqual({ kind: 'swept', removed: 0 })
    expect((await ledger.read(ids)).size).toBe(4)
  })

  it('is busy while another process sweeps', async () => {
    await expiredSessions(1)
    await new PostgresLedger({ client: fromPool(other) }).sweep(1)

    expect(await ledger.sweep(10)).toEqual({ kind: 'busy' })

    await other.query('commit')
    expect(await ledger.sweep(10)).toEqual({ kind: 'swept', removed: 0 })
  })

  it('does not keep the sweeper of another table waiting', async () => {
    const visits = new PostgresLedger({
      client: fromPool(pool),
      table: 'visits',
      createTables: true,
    })
    await visits.ready()
    await new PostgresLedger({ client: fromPool(other) }).sweep(1)

    expect(await visits.sweep(1)).toEqual({ kind: 'swept', removed: 0 })
  })

  async function expiredSessions(length: number): Promise<SessionId[]> {
    const ids = Array.from({ length }, () => anId())
    await ledger.commit(ids.map((id) => aChange({ id, ttl: 1 })))
    await delay(5)
    return ids
  }
})

/** As somebody may do it whose table has grown beyond one disk. */
const PARTITION = `
  alter table sessions rename to one_table;
  alter table one_table drop constraint sessions_pkey;
  create table sessions (like one_table including defaults, primary key ("sessionId")) partition by hash ("sessionId");
  create table sessions_0 partition of sessions for values with (modulus 2, remainder 0);
  create table sessions_1 partition of sessions for values with (modulus 2, remainder 1)`

/** Makes a sweep wait for the lock 42 after it took its snapshot, and before it looks at the rows. */
function waitingInside({ query }: SqlClient): SqlClient {
  const lock = 'pg_try_advisory_xact_lock'
  const waiting = `(select pg_advisory_xact_lock(42)::text) is not null and ${lock}`
  return { query: (text, params) => query(text.replace(lock, waiting), params) }
}
