import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Pool } from 'pg'
import type { SessionRecord } from '../../../../src/core/record.js'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { aChange } from '../../../../src/testing/fixtures.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'
import { openPool } from './pool.js'

const HOUR = 3_600_000

/** Enough for the table to count as large. */
const FILL = `insert into sessions
  ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  select 'other:' || n, 'web', 1, repeat('x', 1000), now(), now(), now() + interval '2 days', 0
    from generate_series(1, 2000) n`

const WAITING = `select 1 from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`

/** What somebody else does to a row that a batch waits for. */
const changes = {
  commits: `update sessions set version = version + 1, "writeId" = gen_random_uuid() where "sessionId" = $1`,
  ends: `update sessions set "revokedAt" = now(), data = '' where "sessionId" = $1`,
  deletes: 'delete from sessions where "sessionId" = $1',
  lengthens: `update sessions set "expiresAt" = "expiresAt" + interval '1 year' where "sessionId" = $1`,
} as const

describe.each(['small', 'large'])('a batch that waits for a row of a %s table', (size) => {
  let database: FreshDatabase
  let pool: Pool
  let ledger: PostgresLedger
  let records: readonly SessionRecord[]

  beforeAll(async () => {
    database = await freshDatabase()
    pool = openPool(database.url)
    ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    await ledger.ready()
    if (size === 'large') await pool.query(FILL)
    await pool.query('analyze sessions')
    await ledger.ready()
  })

  beforeEach(async () => {
    const outcomes = await ledger.commit([aChange({ ttl: HOUR }), aChange({ ttl: HOUR })])
    records = outcomes.flatMap((each) => (each.kind === 'committed' ? [each.record] : []))
  })

  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it.each(['commits', 'ends', 'deletes'] as const)(
    'updates nothing that another %s',
    async (by) => {
      const [one, other] = records as [SessionRecord, SessionRecord]
      const [first, second] = await meanwhile(changes[by], one, () =>
        ledger.commit([one, other].map((base) => aChange({ id: base.id, base }))),
      )

      expect(first?.kind).toBe(by === 'commits' ? 'conflict' : 'gone')
      expect(second?.kind).toBe('committed')
    },
  )

  it.each(['ends', 'deletes', 'lengthens'] as const)(
    'touches as it is what another %s',
    async (by) => {
      const [one, other] = records as [SessionRecord, SessionRecord]
      const touched = await meanwhile(changes[by], one, () =>
        ledger.touch([one, other].map(({ id }) => ({ id, ttl: 2 * HOUR }))),
      )

      expect(touched.get(other.id)?.expiresAt).toBeGreaterThan(other.expiresAt)
      expect(touched.get(one.id)?.revoked).toBe(
        { ends: true, deletes: undefined, lengthens: false }[by],
      )
      if (by === 'ends') expect(touched.get(one.id)?.expiresAt).toBe(one.expiresAt)
      if (by === 'lengthens')
        expect(touched.get(one.id)?.expiresAt).toBeGreaterThan(one.expiresAt + 300 * 24 * HOUR)
    },
  )

  /** Has a batch wait for a row that is changed, and commits that. */
  async function meanwhile<T>(
    change: string,
    { id }: SessionRecord,
    ask: () => Promise<T>,
  ): Promise<T> {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(change, [id])
      const asked = ask()
      await someoneWaits()
      await client.query('commit')
      return await asked
    } finally {
      client.release()
    }
  }

  async function someoneWaits(): Promise<void> {
    const until = performance.now() + 5000
    while ((await pool.query(WAITING)).rowCount === 0) {
      if (performance.now() > until) throw new Error('Nobody waits for the row')
    }
  }
})
