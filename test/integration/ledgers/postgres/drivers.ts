import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { fromPGlite } from '../../../../src/drivers/postgres/from-pglite.js'
import { fromPrisma } from '../../../../src/drivers/postgres/from-prisma.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import type { OpenLedger } from '../../../../src/testing/ledger-contract.js'
import { freshDatabase } from '../../../services.js'
import type { DatabaseOptions } from '../../../services.js'
import type { Connection } from './pool.js'

/** A new, empty database behind Prisma 7's client. */
export async function connectPrisma(options?: DatabaseOptions): Promise<Connection> {
  const { url, drop } = await freshDatabase(options)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  const end = async () => {
    await prisma.$disconnect()
    await drop()
  }
  return { client: fromPrisma(prisma), url, end }
}

/** A database of PGlite's, in memory. */
export async function connectPGlite(): Promise<Connection> {
  const database = await PGlite.create()
  return { client: fromPGlite(database), url: '', end: () => database.close() }
}

/** Empties the tables, and opens ledgers over them. */
export async function openEmpty(client: SqlClient): Promise<OpenLedger> {
  await client.query('with gone as (delete from sessions) delete from session_repairs', [])
  return async ({ context } = {}) => new PostgresLedger({ client, context })
}
