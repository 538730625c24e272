import { sqlStateOf } from './sql-state.js'
import { nameOf } from './statement-names.js'
import type { Row, SqlClient } from './sql-client.js'

/** The part of `pg`'s Pool, or of a connected Client, that is used. */
export interface PoolLike {
  query(query: PoolQuery): Promise<{ readonly rows: readonly Row[] }>
}

/** A statement as `pg` takes it; one with a name is parsed and planned once a connection. */
export interface PoolQuery {
  readonly name?: string
  text: string
  values: unknown[]
}

/**
 * Runs statements through a `pg` pool or client, which stays its owner's to end.
 *
 * Statements are prepared once a connection. Where that does not hold, behind a pooler that gives
 * each transaction another connection, they are sent as they are from then on.
 */
export function fromPool(pool: PoolLike): SqlClient {
  let isPreparing = true
  return {
    async query(text, params, { isPreparable = false } = {}) {
      const query = { text, values: [...params] }
      if (isPreparing && isPreparable) {
        try {
          return (await pool.query({ name: nameOf(text), ...query })).rows
        } catch (error) {
          if (!NOT_PREPARED.has(sqlStateOf(error) ?? '')) throw error
          isPreparing = false
        }
      }
      return (await pool.query(query)).rows
    },
  }
}

/**
 * A prepared statement that is unknown, is there already, or gives other columns than it did: it was
 * not run.
 */
const NOT_PREPARED = new Set(['26000', '42P05', '0A000'])
