import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Pool } from 'pg'
import { Client } from 'pg'
import { InvalidRecordError } from '../../../../src/core/errors.js'
import type { Change } from '../../../../src/core/ledger.js'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { aChange, anId, aRevocation } from '../../../../src/testing/fixtures.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { freshDatabase } from '../../../services.js'
import type { FreshDatabase } from '../../../services.js'
import { waitUntilBlocked } from './locks.js'
import { openPool } from './pool.js'

const HOUR = 3_600_000

describe('what Postgres holds', () => {
  let database: FreshDatabase
  let pool: Pool
  let ledger: PostgresLedger

  beforeAll(async () => {
    database = await freshDatabase({ timezone: 'America/New_York' })
    pool = openPool(database.url)
    ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    await ledger.ready()
  })

  beforeEach(() => pool.query('truncate sessions, session_repairs'))

  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it('is a row a session, with its times in UTC wherever the database is', async () => {
    const device = { ip: '192.0.2.1', userAgent: 'Lynx' }
    const change = aChange({ userId: 'ada', device, absoluteTtl: 2 * HOUR })

    await ledger.commit([change])

    const row = await storedRow(change)
    const now = Date.now()
    expect(row).toMatchObject({
      sessionId: change.id,
      context: 'web',
      version: 1,
      writeId: change.writeId,
      data: change.data,
      userId: 'ada',
      ...device,
      revokedAt: null,
      revokedReason: null,
    })
    expect(Math.abs(utcMs(row['createdAt']) - now)).toBeLessThan(1000)
    expect(Math.abs(utcMs(row['expiresAt']) - now - HOUR)).toBeLessThan(1000)
    expect(Math.abs(utcMs(row['absoluteExpiresAt']) - now - 2 * HOUR)).toBeLessThan(1000)
    expect(row['expiryHour']).toBe(hourOf(row['expiresAt']))
  })

  it('has the hour of the expiry after each kind of write', async () => {
    const change = aChange()
    await ledger.commit([change])

    for (const write of [
      () => ledger.commit([updateOf(change, { ttl: 30 * HOUR })]),
      () => ledger.touch([{ id: change.id, ttl: 60 * HOUR }]),
      () => ledger.revoke([aRevocation({ id: change.id, absentTtl: 90 * HOUR })]),
    ]) {
      await write()
      const row = await storedRow(change)
      expect(row['expiryHour']).toBe(hourOf(row['expiresAt']))
    }
  })

  it('is emptied at once when a session is ended, and says why', async () => {
    const change = aChange({ data: 'a secret' })
    await ledger.commit([change])

    await ledger.revoke([aRevocation({ id: change.id, reason: 'x'.repeat(300) })])

    const row = await storedRow(change)
    expect(row).toMatchObject({ data: '', writeId: null, revokedReason: 'x'.repeat(200) })
    expect(row['revokedAt']).not.toBeNull()
  })

  it('is not changed by a batch of which one change is refused', async () => {
    const held = aChange()
    await ledger.commit([held])

    const refusal = ledger.commit([updateOf(held, { data: 'after' }), aChange({ data: 'a\0b' })])

    await expect(refusal).rejects.toThrow(InvalidRecordError)
    await expect(refusal).rejects.toMatchObject({ cause: { code: '22021' } })
    expect(await storedRow(held)).toMatchObject({ version: 1, data: held.data })
  })

  it('is touched in its page, and no index is written (a HOT update)', async () => {
    // Room for all versions: when old ones may be tidied away depends on every transaction on the server.
    await pool.query('alter table sessions set (fillfactor = 30)')
    const ids = Array.from({ length: 200 }, () => anId())
    // Half past an hour: so that no expiry moves into the next one, which the index has to be told.
    const ttl = 2.5 * HOUR - (ledger.now() % HOUR)
    const data = 'x'.repeat(300)
    await ledger.commit(ids.map((id) => aChange({ id, data, ttl, userId: 'ada' })))
    const before = await updates()
    const client = new Client({ connectionString: database.url })
    await client.connect()

    const toucher = new PostgresLedger({ client: fromPool(client) })
    for (let n = 0; n < 80; n++) {
      const some = ids.filter((_, index) => index % 40 === n % 40)
      await toucher.touch(some.map((id) => ({ id, ttl: ttl + n })))
    }
    await client.end()

    const touched = await updatesSince(before, 400)
    expect(touched.all).toBe(400)
    expect(touched.hot).toBe(400)
  })

  it('is touched without waiting for the disk, and written with it', async () => {
    await pool.query(`
      create table seen (setting text);
      create function see() returns trigger language plpgsql as
        $$ begin insert into seen values (current_setting('synchronous_commit')); return new; end $$;
      create trigger see before insert or update on sessions for each row execute function see()`)
    const change = aChange()

    await ledger.commit([change])
    await ledger.touch([{ id: change.id, ttl: 2 * HOUR }])
    await ledger.commit([updateOf(change)])
    await ledger.revoke([aRevocation({ id: change.id })])

    const { rows } = await pool
      .query('drop trigger see on sessions; select setting from seen')
      .then((results) => (results as unknown as { rows: { setting: string }[] }[])[1]!)
    expect(rows.map(({ setting }) => setting)).toEqual(['on', 'off', 'on', 'on'])
  })

  it('keeps its own time: a process with a wrong clock shortens nothing', async () => {
    const clock = new ManualClock(Date.UTC(2001, 0, 1))
    const behind = new PostgresLedger({ client: fromPool(pool), clock })
    expect(behind.now()).toBe(Date.UTC(2001, 0, 1))
    const change = aChange()

    const [outcome] = await behind.commit([change])

    expect(Math.abs(behind.now() - Date.now())).toBeLessThan(1000)
    expect(outcome).toMatchObject({ kind: 'committed' })
    expect((await ledger.read([change.id])).get(change.id)?.kind).toBe('live')
    await clock.advance(5000)
    expect(Math.abs(behind.now() - Date.now() - 5000)).toBeLessThan(1000)
  })

  it('is asked by the same texts whatever is asked', async () => {
    const texts = new Set<string>()
    const client = fromPool(pool)
    const recorded = new PostgresLedger({
      client: {
        query(text, params) {
          texts.add(text)
          return client.query(text, params)
        },
      },
    })

    for (const length of [1, 2, 7]) {
      const changes = Array.from({ length }, () => aChange({ repair: length > 1 }))
      const ids = changes.map(({ id }) => id)
      await recorded.commit(changes)
      await recorded.read(ids)
      await recorded.touch(ids.map((id) => ({ id, ttl: HOUR * length })))
      await recorded.revoke(ids.map((id) => aRevocation({ id, absentTtl: length })))
      await recorded.list({ limit: length })
      await recorded.list({ limit: length, userId: 'ada', after: ids[0] })
      await recorded.noteRepairs(ids.map((id) => ({ id, version: length })))
      await recorded.settleRepairs(ids.map((id) => ({ id, version: length, notedAt: length })))
      await recorded.pendingRepairs(length)
      await recorded.sweep(length)
    }

    expect(texts.size).toBe(10)
  })

  it('outlives a deadlock: the ledger asks again', async () => {
    const [first, second] = [aChange(), aChange()].sort((a, b) => (a.id < b.id ? -1 : 1)) as [
      Change,
      Change,
    ]
    await ledger.commit([first, second])
    const ours = openPool(`${database.url}?options=-c%20deadlock_timeout%3D300ms`)
    const theirs = new Client({ connectionString: database.url })
    await theirs.connect()
    try {
      const { client, failures } = recordingFailures(fromPool(ours))
      await theirs.query(`set deadlock_timeout = '20s'`)
      await theirs.query('begin')
      await lock(theirs, second)
      const touching = new PostgresLedger({ client }).touch(
        [first, second].map(({ id }) => ({ id, ttl: 2 * HOUR })),
      )
      await waitUntilBlocked(theirs)
      await lock(theirs, first)
      await theirs.query('commit')

      expect((await touching).size).toBe(2)
      expect(failures).toEqual([expect.objectContaining({ code: '40P01' })])
    } finally {
      await theirs.end()
      await ours.end()
    }
  })

  async function storedRow({ id }: Change): Promise<Record<string, unknown>> {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      'select to_json(s) as row from sessions s where "sessionId" = $1',
      [id],
    )
    return rows[0]!.row
  }

  async function updates(): Promise<Updates> {
    const { rows } = await pool.query<Updates>(
      `select pg_stat_get_tuples_updated('sessions'::regclass)::int as all,
              pg_stat_get_tuples_hot_updated('sessions'::regclass)::int as hot`,
    )
    return rows[0]!
  }

  /** A connection reports its counts when it has ended, which takes a moment. */
  async function updatesSince(before: Updates, expected: number): Promise<Updates> {
    const deadline = Date.now() + 5000
    for (;;) {
      const now = await updates()
      const since = { all: now.all - before.all, hot: now.hot - before.hot }
      if (since.all >= expected || Date.now() > deadline) return since
    }
  }
})

interface Updates {
  readonly all: number
  readonly hot: number
}

function recordingFailures({ query }: SqlClient): { client: SqlClient; failures: unknown[] } {
  const failures: unknown[] = []
  const recorded: SqlClient['query'] = async (text, params) => {
    try {
      return await query(text, params)
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  return { client: { query: recorded }, failures }
}

function hourOf(utc: unknown): number {
  return Math.floor(utcMs(utc) / HOUR)
}

function utcMs(utc: unknown): number {
  return Date.parse(`${String(utc)}Z`)
}

/** An update upon what was just inserted. */
function updateOf({ id, writeId }: Change, fields: Partial<Change> = {}): Change {
  return aChange({ id, base: { version: 1, writeId }, ...fields })
}

async function lock(client: Client, { id }: Change): Promise<void> {
  await client.query('select from sessions where "sessionId" = $1 for update', [id])
}
