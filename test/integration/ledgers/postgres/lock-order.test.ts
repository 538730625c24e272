import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Pool } from 'pg'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { sqlStateOf } from '../../../../src/drivers/postgres/sql-state.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import type { SessionId } from '../../../../src/core/session-id.js'
import { aChange, anId } from '../../../../src/testing/fixtures.js'
import { freshDatabase } from '../../../services.js'
import type { FreshDatabase } from '../../../services.js'
import { openPool } from './pool.js'

const HOUR = 3_600_000
const DEADLOCK = '40P01'

/** Enough for the table to count as large. */
const FILL = `insert into sessions
  ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  select 'other:' || n, 'web', 1, repeat('x', 1000), now(), now(), now() + interval '2 days', 0
    from generate_series(1, 2000) n`

describe.each(['small', 'large'])('batches of the same sessions in a %s table', (size) => {
  let database: FreshDatabase
  let pool: Pool
  let ledger: PostgresLedger
  let states: (string | undefined)[]
  /** They lie in the table in the opposite order. */
  const ids = Array.from({ length: 128 }, () => anId()).sort()

  beforeAll(async () => {
    database = await freshDatabase()
    pool = openPool(`${database.url}?options=-c%20deadlock_timeout%3D50ms`)
    ledger = new PostgresLedger({ client: noting(fromPool(pool)), createTables: true })
    await ledger.ready()
  })

  beforeEach(async () => {
    await pool.query('truncate sessions, session_repairs')
    if (size === 'large') await pool.query(FILL)
    await pool.query('analyze sessions')
    await ledger.ready()
    states = []
  })

  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it('never wait in a circle where one commits and others touch', async () => {
    let bases: ReadonlyMap<SessionId, SessionRecord> = await insertBackwards()
    await forAWhile(async () => {
      const changes = [...bases].map(([id, base]) => aChange({ id, base }))
      const [outcomes] = await Promise.all([
        ledger.commit(changes),
        touchAll(),
        touchAll(ids.toReversed()),
      ])
      bases = new Map(
        outcomes.flatMap((each) => (each.kind === 'gone' ? [] : [[each.record.id, each.record]])),
      )
    })

    expect(states).not.toContain(DEADLOCK)
  })

  it('never wait in a circle where one updates and inserts, and others touch', async () => {
    let bases: ReadonlyMap<SessionId, SessionRecord> = await insertBackwards()
    await forAWhile(async () => {
      // The lower half is there already, as after a reply that was lost.
      const changes = ids.map((id, n) => aChange({ id, base: n < 64 ? undefined : bases.get(id) }))
      const [outcomes] = await Promise.all([
        ledger.commit(changes),
        touchAll(),
        touchAll(ids.toReversed()),
      ])
      bases = new Map(
        outcomes.flatMap((each) => (each.kind === 'gone' ? [] : [[each.record.id, each.record]])),
      )
    })

    expect(states).not.toContain(DEADLOCK)
  })

  it('never wait in a circle where one notes repairs and others settle them', async () => {
    const repairs = ids.map((id) => ({ id, version: 1 }))
    for (const repair of repairs.toReversed()) await ledger.noteRepairs([repair])
    await forAWhile(async () => {
      const read = await ledger.pendingRepairs(ids.length)
      await Promise.all([
        ledger.noteRepairs(repairs),
        ledger.settleRepairs(read),
        ledger.settleRepairs(read.toReversed()),
      ])
    })

    expect(states).not.toContain(DEADLOCK)
  })

  async function touchAll(inOrder: readonly SessionId[] = ids): Promise<unknown> {
    return ledger.touch(inOrder.map((id) => ({ id, ttl: HOUR })))
  }

  async function forAWhile(act: () => Promise<void>): Promise<void> {
    const until = performance.now() + 2000
    while (performance.now() < until) await act()
  }

  /** One insert after the other, from the highest id down. */
  async function insertBackwards(): Promise<ReadonlyMap<SessionId, SessionRecord>> {
    const held = new Map<SessionId, SessionRecord>()
    for (const id of ids.toReversed()) {
      const [outcome] = await ledger.commit([aChange({ id })])
      if (outcome?.kind === 'committed') held.set(id, outcome.record)
    }
    await pool.query('analyze sessions')
    return held
  }

  /** Notes what failed, which the ledger then asks again. */
  function noting({ query }: SqlClient): SqlClient {
    return {
      query: (text, params) =>
        query(text, params).catch((error: unknown) => {
          states.push(sqlStateOf(error))
          throw error
        }),
    }
  }
})
