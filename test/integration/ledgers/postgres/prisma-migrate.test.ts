import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { createMigration } from '../../../../src/drivers/postgres/migrator.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { aChange } from '../../../../src/testing/fixtures.js'
import { deploy, diagnose } from '../../../support/prisma-migrate.js'
import { waitUntilBlocked } from './locks.js'
import { connectPool, openPool } from './pool.js'
import type { Connection } from './pool.js'

const migration = '20260101000000_sessions'
const ofUsers = '20260102000000_users'
const inOrder = { editedMigrationNames: [], failedMigrationNames: [], hasMigrationsTable: true }

describe('prisma migrate deploy, by Prisma’s own schema engine', () => {
  let connection: Connection
  let client: SqlClient

  beforeEach(async () => {
    connection = await connectPool()
    client = connection.client
  })

  afterEach(() => connection.end())

  it('makes the tables that the ledger works on', async () => {
    const change = aChange()
    expect(await deploy(openPool(connection.url))).toEqual([migration, ofUsers])

    await new PostgresLedger({ client }).commit([change])

    const held = await new PostgresLedger({ client }).read([change.id])
    expect(held.get(change.id)).toMatchObject({ kind: 'live', record: { version: 1 } })
  })

  it('leaves the migrator nothing to do', async () => {
    await deploy(openPool(connection.url))
    const before = await historyOf(client)

    await createTables(client)

    expect(await historyOf(client)).toEqual(before)
  })

  it('has nothing to do for sessions after the migrator, and finds its history in order', async () => {
    await createTables(client)
    const before = await historyOf(client)

    expect(await deploy(openPool(connection.url))).toEqual([ofUsers])

    expect((await historyOf(client)).slice(0, 1)).toEqual(before)
    expect(await diagnose(openPool(connection.url))).toEqual({ ...inOrder, history: null })
  })

  it('waits for a migrator that is at work, and then has nothing to do', async () => {
    const migrator = new Client({ connectionString: connection.url })
    await migrator.connect()
    try {
      await migrator.query('begin')
      await migrator.query(createMigration({}))
      const deploying = deploy(openPool(connection.url))
      await waitUntilBlocked(migrator)
      await migrator.query('commit')

      expect(await deploying).toEqual([ofUsers])
    } finally {
      await migrator.end()
    }
  })

  it('applies the application’s next migration after the migrator', async () => {
    const next = { name: '20270101000000_orders', sql: 'create table orders (id int primary key);' }
    await createTables(client)

    expect(await deploy(openPool(connection.url), [next])).toEqual([ofUsers, next.name])

    expect(await client.query('select * from orders', [])).toEqual([])
    await expect(new PostgresLedger({ client }).ready()).resolves.toBeUndefined()
  })

  it('records what the migrator records', async () => {
    const other = await connectPool()
    try {
      await deploy(openPool(other.url))
      await createTables(client)

      const ofDeploy = await recordsOf(other.client)
      expect(await recordsOf(client)).toEqual(ofDeploy.slice(0, 1))
    } finally {
      await other.end()
    }
  })

  it('takes a migration for edited where the checksum is not that of its file', async () => {
    await createTables(client)
    await client.query(`update _prisma_migrations set checksum = repeat('0', 64)`, [])

    expect(await diagnose(openPool(connection.url))).toMatchObject({
      editedMigrationNames: [migration],
    })
  })
})

function createTables(client: SqlClient): Promise<void> {
  return new PostgresLedger({ client, createTables: true }).ready()
}

function historyOf(client: SqlClient) {
  return client.query('select * from _prisma_migrations order by started_at', [])
}

/** What is the same in any database: no ids, no times. */
async function recordsOf(client: SqlClient) {
  const rows = await historyOf(client)
  return rows.map(({ migration_name, checksum, applied_steps_count, logs, rolled_back_at }) => ({
    migration_name,
    checksum,
    applied_steps_count,
    logs,
    rolled_back_at,
  }))
}
