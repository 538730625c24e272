import type { Clock } from '../../core/clock.js'
import type { Context } from '../../core/session-id.js'
import type { SqlClient } from '../../drivers/postgres/sql-client.js'

/** What a {@link PostgresLedger} is made of. */
export interface PostgresLedgerOptions {
  /** Made by `fromPrisma`, `fromPool` or `fromPGlite`. */
  readonly client: SqlClient

  /** Whose sessions it serves; `web` unless given. */
  readonly context?: Context | undefined

  /** Where the tables are; the connection's search path unless given. */
  readonly schema?: string | undefined

  /** The table's name; `sessions` unless given. The repairs are beside it: `session_repairs`. */
  readonly table?: string | undefined

  /** Whether to apply the migrations before the first statement; `false` unless given. */
  readonly createTables?: boolean | undefined

  /** The local time, for waits and for carrying the database's time forward. */
  readonly clock?: Clock | undefined
}
