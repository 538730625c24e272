import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Client } from 'pg'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { fromPrisma } from '../../../../src/drivers/postgres/from-prisma.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { statementNameGenerator } from '../../../../src/drivers/postgres/statement-names.js'
import { aChange } from '../../../../src/testing/fixtures.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'

const PREPARED = 'select name from pg_prepared_statements order by name'

/** A megabyte and more. */
const FILL = `insert into sessions
  ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  select 'web:' || n, 'web', 1, repeat('x', 1000), now(), now(), now() + interval '1 day', 0
    from generate_series(1, 1500) n`

let database: FreshDatabase

beforeAll(async () => {
  database = await freshDatabase()
})

afterAll(() => database.drop())

describe('through pg', () => {
  let client: Client

  beforeAll(async () => {
    client = new Client({ connectionString: database.url })
    await client.connect()
  })

  afterAll(() => client.end())

  it('none is prepared while the table is small: its plan would outlast that', async () => {
    const ledger = new PostgresLedger({ client: fromPool(client), createTables: true })
    await ledger.ready()
    for (let time = 0; time < 3; time++) await ledger.commit([aChange()])

    expect((await client.query(PREPARED)).rows).toEqual([])
  })

  it('statements are prepared once a connection, from when the table is known to be large', async () => {
    const ledger = new PostgresLedger({ client: fromPool(client), createTables: true })
    await ledger.ready()
    await client.query(FILL)
    await ledger.sweep(10)
    for (let time = 0; time < 3; time++) await ledger.commit([aChange()])
    const { rows } = await client.query<{ name: string }>(PREPARED)

    expect(rows.length).toBeGreaterThan(0)
    for (const { name } of rows) expect(name).toMatch(/^holdfast_[0-9a-f]{32}$/)
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })

  it('they are sent as they are where a pooler has them on another connection', async () => {
    const ledger = new PostgresLedger({ client: fromPool(client), createTables: true })
    await ledger.ready()
    const change = aChange()
    await ledger.commit([change])
    // The client takes them for prepared still, as it does behind a pooler that gives it another server's connection.
    await client.query('deallocate all')
    const [outcome] = await ledger.commit([aChange()])
    const held = await ledger.read([change.id])
    const { rows } = await client.query(PREPARED)

    expect(outcome?.kind).toBe('committed')
    expect(held.get(change.id)?.kind).toBe('live')
    expect(rows).toEqual([])
  })
})

describe('through Prisma', () => {
  it('statements are prepared where its adapter is given names, and no others', async () => {
    const adapter = new PrismaPg(
      { connectionString: database.url, max: 1 },
      { statementNameGenerator },
    )
    const prisma = new PrismaClient({ adapter })
    const ledger = new PostgresLedger({ client: fromPrisma(prisma), createTables: true })
    await ledger.ready()
    await ledger.commit([aChange()])
    const mine = await prisma.$queryRawUnsafe<{ name: string }[]>(PREPARED)
    await prisma.$disconnect()

    expect(mine.length).toBeGreaterThan(0)
    for (const { name } of mine) expect(name).toMatch(/^holdfast_/)
  })
})
