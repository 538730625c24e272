import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Pool } from 'pg'
import { fromPGlite } from '../../../../src/ledgers/postgres/from-pglite.js'
import { fromPool } from '../../../../src/ledgers/postgres/from-pool.js'
import { fromPrisma } from '../../../../src/ledgers/postgres/from-prisma.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import type { SqlClient } from '../../../../src/ledgers/postgres/sql-client.js'
import type { OpenLedger } from '../../../../src/testing/ledger-contract.js'
import { freshDatabase } from '../../../services.js'
import type { DatabaseOptions } from '../../../services.js'

/** A database, reached through one of the drivers. */
export interface Connection {
  readonly client: SqlClient
  /** Where another connection reaches the same database. */
  readonly url: string
  end(): Promise<void>
}

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

/** A new, empty database behind a pool of `pg`. */
export async function connectPool(options?: DatabaseOptions): Promise<Connection> {
  const { url, drop } = await freshDatabase(options)
  const pool = new Pool({ connectionString: url })
  const end = async () => {
    await pool.end()
    await drop()
  }
  return { client: fromPool(pool), url, end }
}

/** A database of PGlite's, in memory. */
export async function connectPGlite(): Promise<Connection> {
  const database = await PGlite.create()
  return { client: fromPGlite(database), url: '', end: () => database.close() }
}

/** Empties the tables, and opens ledgers over them. */
export async function openEmpty(client: SqlClient): Promise<OpenLedger> {
  await client.query('truncate sessions, session_repairs', [])
  return async ({ context } = {}) => new PostgresLedger({ client, context })
}
