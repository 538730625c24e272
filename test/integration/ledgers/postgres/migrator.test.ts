import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { MigrationRequiredError } from '../../../../src/core/errors.js'
import { MAX_VERSION } from '../../../../src/core/ledger.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { aChange, aRevocation } from '../../../../src/testing/fixtures.js'
import { connectPool } from './pool.js'
import type { Connection } from './pool.js'

const migration = '20260101000000_sessions'
const migrationSql = readFileSync(`prisma/migrations/${migration}/migration.sql`, 'utf8')

describe('the migrator', () => {
  let connection: Connection
  let client: SqlClient

  beforeEach(async () => {
    connection = await connectPool()
    client = connection.client
  })

  afterEach(() => connection.end())

  it('creates the tables once where many processes begin at once', async () => {
    const ledgers = Array.from({ length: 8 }, () => withTables(client))

    await Promise.all(ledgers.map((ledger) => ledger.ready()))

    const rows = await client.query('select migration_name from _prisma_migrations', [])
    expect(rows).toEqual([{ migration_name: migration }])
  })

  it("keeps Prisma's own history, as Prisma does", async () => {
    await withTables(client).ready()

    const [row] = await client.query('select * from _prisma_migrations', [])
    expect(row).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: createHash('sha256').update(migrationSql).digest('hex'),
      finished_at: expect.any(Date),
      migration_name: migration,
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
    })
  })

  it('has nothing to do where Prisma was there before', async () => {
    await withTables(client).ready()
    await client.query(`update _prisma_migrations set checksum = 'of Prisma'`, [])
    await client.query('drop table session_repairs', [])

    await expect(withTables(client).ready()).rejects.toThrow(MigrationRequiredError)

    const rows = await client.query('select checksum from _prisma_migrations', [])
    expect(rows).toEqual([{ checksum: 'of Prisma' }])
  })

  it('takes tables that were made by a migration of the application', async () => {
    await client.query(`do $do$ begin execute $sql$${migrationSql}$sql$; end $do$`, [])

    await expect(withTables(client).ready()).resolves.toBeUndefined()
  })

  it.each([
    { where: 'another table', options: { table: 'AdminSessions' } },
    { where: 'another schema', options: { schema: 'Auth' } },
    { where: 'another table in another schema', options: { schema: 'auth', table: 'visits' } },
    { where: 'a table with the longest name', options: { table: 's'.repeat(48) } },
  ])('works on $where, and leaves the default one alone', async ({ options }) => {
    const ledger = new PostgresLedger({ client, createTables: true, ...options })
    const again = new PostgresLedger({ client, createTables: true, ...options })
    const change = aChange()

    await ledger.commit([change])
    await ledger.revoke([aRevocation({ id: change.id, repair: true })])
    await again.sweep(10)

    expect(await again.pendingRepairs(10)).toMatchObject([{ id: change.id, version: MAX_VERSION }])
    await expect(new PostgresLedger({ client }).ready()).rejects.toThrow(MigrationRequiredError)
    const [history] = await client.query(`select to_regclass('_prisma_migrations') as oid`, [])
    expect(history).toEqual({ oid: null })
  })

  it('makes the indexes of each table, under names of its own', async () => {
    await withTables(client).ready()
    await new PostgresLedger({ client, createTables: true, table: 'visits' }).ready()

    const rows = await client.query('select indexname from pg_indexes order by 1', [])
    const names = rows.map((row) => row['indexname'])
    for (const suffix of ['pkey', 'expiryHour_idx', 'userId_idx']) {
      expect(names).toContain(`sessions_${suffix}`)
      expect(names).toContain(`visits_${suffix}`)
    }
    expect(names).toContain('visits_repairs_pkey')
  })

  it('tries again at the next call what failed', async () => {
    await client.query('create table sessions ("somebody else" text)', [])
    const ledger = withTables(client)
    await expect(ledger.ready()).rejects.toThrow(MigrationRequiredError)

    await client.query('drop table sessions', [])

    await expect(ledger.ready()).resolves.toBeUndefined()
  })

  it('leaves nothing behind where it fails', async () => {
    await client.query('create table sessions ("somebody else" text)', [])
    await expect(withTables(client).ready()).rejects.toThrow(MigrationRequiredError)

    const rows = await client.query(
      `select relname from pg_class where relname ~ 'repair|prisma'`,
      [],
    )
    expect(rows).toEqual([])
  })

  it('runs once for all that wait for it', async () => {
    const asked: string[] = []
    const query: SqlClient['query'] = (text, params) => {
      asked.push(text.slice(0, 2))
      return client.query(text, params)
    }
    const ledger = new PostgresLedger({ client: { query }, createTables: true })

    await Promise.all([ledger.ready(), ledger.stats(), ledger.commit([aChange()]), ledger.ready()])

    expect(asked.filter((text) => text === 'do')).toHaveLength(1)
  })

  it('is what is advised, and Prisma’s own only where it makes these tables', async () => {
    const advice = (options: { schema?: string; table?: string }): Promise<string> =>
      new PostgresLedger({ client, ...options }).ready().then(() => 'none', String)

    expect(await advice({})).toMatch(/run prisma migrate deploy, or pass createTables: true$/)
    for (const options of [{ table: 'visits' }, { schema: 'auth' }]) {
      const message = await advice(options)
      expect(message).toMatch(/: pass createTables: true$/)
      expect(message).not.toContain('prisma')
    }
  })

  it('is not asked unless createTables is on', async () => {
    const ledger = new PostgresLedger({ client })

    await expect(ledger.ready()).rejects.toThrow(MigrationRequiredError)
    await expect(ledger.read([aChange().id])).rejects.toThrow(MigrationRequiredError)
  })
})

function withTables(client: SqlClient): PostgresLedger {
  return new PostgresLedger({ client, createTables: true })
}
