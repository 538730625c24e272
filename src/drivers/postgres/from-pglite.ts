import type { Row, SqlClient } from './sql-client.js'

/** The part of a PGlite database that is used. */
export interface PGliteLike {
  query(text: string, params: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** Runs statements in a PGlite database, which stays its owner's to close. */
export function fromPGlite(database: PGliteLike): SqlClient {
  return {
    async query(text, params) {
      const { rows } = await database.query(text, [...params])
      return rows as readonly Row[]
    },
  }
}
