/** A row as the driver gave it, by column name. */
export type Row = Readonly<Record<string, unknown>>

/** A value that every driver can send: arrays go as Postgres arrays, and none holds a null. */
export type SqlValue =
  string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]

/** How a statement is run. */
export interface QueryOptions {
  /**
   * Whether its plan may be kept, where the driver can do that. One that was made over a small table
   * reads all of it, also when it has grown. Default: `false`.
   */
  readonly isPreparable?: boolean
}

/**
 * The one thing that the Postgres ledger asks of a driver: run one statement, give its rows.
 *
 * Each call is a transaction of its own. Errors come as the driver throws them.
 */
export interface SqlClient {
  query(text: string, params: readonly SqlValue[], options?: QueryOptions): Promise<readonly Row[]>

  /** Ends the connections; only where whoever made the client opened them. */
  close?(): Promise<void>
}
