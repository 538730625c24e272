import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Client } from 'pg'
import {
  InvalidOptionError,
  InvalidRecordError,
  MigrationRequiredError,
} from '../../../../src/core/errors.js'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { fromPrisma } from '../../../../src/drivers/postgres/from-prisma.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { sqlStateOf } from '../../../../src/drivers/postgres/sql-state.js'
import { aChange } from '../../../../src/testing/fixtures.js'
import { connectPGlite, connectPrisma } from './drivers.js'
import { connectPool } from './pool.js'
import type { Connection } from './pool.js'

describe.each([
  { through: 'Prisma', connect: connectPrisma },
  { through: 'a pool of pg', connect: connectPool },
  { through: 'PGlite', connect: connectPGlite },
])('$through', ({ connect }) => {
  let connection: Connection
  let client: SqlClient

  beforeAll(async () => {
    connection = await connect()
    client = connection.client
    await new PostgresLedger({ client, createTables: true }).ready()
  })

  afterAll(() => connection.end())

  it.each([
    { state: '42P01', statement: 'select from nowhere' },
    { state: '42703', statement: 'select nothing from sessions' },
    { state: '3F000', statement: 'create table nowhere.sessions ()' },
    { state: '22012', statement: 'select 1 / 0' },
    { state: '23502', statement: 'insert into sessions default values' },
    { state: '40P01', statement: `do $$ begin raise exception using errcode = '40P01'; end $$` },
    { state: '40001', statement: `do $$ begin raise exception using errcode = '40001'; end $$` },
    { state: '54000', statement: `do $$ begin raise exception using errcode = '54000'; end $$` },
    { state: '42601', statement: 'nonsense' },
  ])('names $state in its error', async ({ state, statement }) => {
    const error: unknown = await client.query(statement, []).catch((reason: unknown) => reason)

    expect(sqlStateOf(error)).toBe(state)
  })

  it('refuses a NUL, which Postgres can not hold in a text', async () => {
    const ledger = new PostgresLedger({ client })

    await expect(ledger.commit([aChange({ data: '\0' })])).rejects.toThrow(InvalidRecordError)
    await expect(ledger.commit([aChange({ writeId: 'no uuid' })])).rejects.toThrow(
      InvalidRecordError,
    )
  })

  it('says which table is missing', async () => {
    const ledger = new PostgresLedger({ client, schema: 'nowhere' })

    await expect(ledger.ready()).rejects.toThrow(MigrationRequiredError)
    await expect(ledger.stats()).rejects.toMatchObject({ table: '"nowhere"."sessions"' })
  })

  it('stays open when the ledger is closed', async () => {
    await new PostgresLedger({ client }).close()

    await expect(client.query('select 1 as one', [])).resolves.toEqual([{ one: 1 }])
  })
})

describe('a Postgres ledger', () => {
  it('works through an extended Prisma client, and through a single client of pg', async () => {
    const { url, client, end } = await connectPool()
    const adapter = new PrismaPg({ connectionString: url })
    const prisma = new PrismaClient({ adapter }).$extends({ name: 'audited' })
    const single = new Client({ connectionString: url })
    await single.connect()
    try {
      await new PostgresLedger({ client, createTables: true }).ready()
      const change = aChange()

      await new PostgresLedger({ client: fromPrisma(prisma) }).commit([change])

      const held = await new PostgresLedger({ client: fromPool(single) }).read([change.id])
      expect(held.get(change.id)?.kind).toBe('live')
    } finally {
      await single.end()
      await prisma.$disconnect()
      await end()
    }
  })

  it('closes a client that came with the right to', async () => {
    let closed = 0
    const client: SqlClient = {
      query: async () => [],
      async close() {
        closed += 1
      },
    }

    await new PostgresLedger({ client }).close()

    expect(closed).toBe(1)
  })

  it('lets up the error of a connection that is refused', async () => {
    const client = new Client('postgres://postgres@127.0.0.1:1/none')
    await client.connect().catch(() => undefined)

    const reading = new PostgresLedger({ client: fromPool(client) }).ready()

    await expect(reading).rejects.not.toThrow(MigrationRequiredError)
  })

  it.each([{ context: 'a:b' }, { table: 'a"b' }, { schema: 'a.b' }])(
    'refuses the options %j',
    (options) => {
      const client = { query: async () => [] }
      expect(() => new PostgresLedger({ client, ...options })).toThrow(InvalidOptionError)
    },
  )
})
