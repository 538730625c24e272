import type { Row, SqlClient } from './sql-client.js'

/** The part of `pg`'s Pool, or of a connected Client, that is used. */
export interface PoolLike {
  query(text: string, params: unknown[]): Promise<{ readonly rows: readonly Row[] }>
}

/** Runs statements through a `pg` pool or client, which stays its owner's to end. */
export function fromPool(pool: PoolLike): SqlClient {
  return {
    async query(text, params) {
      const { rows } = await pool.query(text, [...params])
      return rows
    },
  }
}
