import { Pool } from 'pg'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { freshDatabase } from '../../../services.js'
import type { DatabaseOptions } from '../../../services.js'

/** A database, reached through one of the drivers. */
export interface Connection {
  readonly client: SqlClient
  /** Where another connection reaches the same database. */
  readonly url: string
  end(): Promise<void>
}

/** A pool whose database may be dropped as soon as it has ended: by then not all of its connections are gone. */
export function openPool(url: string): Pool {
  const pool = new Pool({ connectionString: url })
  pool.on('error', () => undefined)
  return pool
}

/** A new, empty database behind a pool of `pg`. */
export async function connectPool(options?: DatabaseOptions): Promise<Connection> {
  const { url, drop } = await freshDatabase(options)
  const pool = openPool(url)
  const end = async () => {
    await pool.end()
    await drop()
  }
  return { client: fromPool(pool), url, end }
}
