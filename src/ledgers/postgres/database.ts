import { InvalidRecordError, MigrationRequiredError } from '../../core/errors.js'
import type { Clock } from '../../core/clock.js'
import { RemoteTime } from '../../core/clock.js'
import { withoutData } from '../../drivers/postgres/driver-error.js'
import { numberIn } from '../../drivers/postgres/columns.js'
import type { Row, SqlClient, SqlValue } from '../../drivers/postgres/sql-client.js'
import { sqlStateOf } from '../../drivers/postgres/sql-state.js'

/** What a {@link Database} is made of. */
export interface DatabaseOptions {
  readonly client: SqlClient
  readonly clock: Clock

  /** The table to name where one is missing, quoted as in SQL, and what to do about it. */
  readonly table: string
  readonly remedy: string
}

/**
 * Runs the ledger's statements: knows the database's time, what its errors mean, and which of them
 * to try again.
 */
export class Database {
  readonly #client: SqlClient
  readonly #clock: Clock
  readonly #table: string
  readonly #remedy: string
  readonly #time: RemoteTime

  #isLarge = false

  constructor({ client, clock, table, remedy }: DatabaseOptions) {
    this.#client = client
    this.#clock = clock
    this.#table = table
    this.#remedy = remedy
    this.#time = new RemoteTime(clock)
  }

  /** Whether the table was large when somebody looked last: then plans may be kept. */
  get isLarge(): boolean {
    return this.#isLarge
  }

  /** The database's time as it is best known, epoch ms. */
  now(): number {
    return this.#time.now()
  }

  /**
   * The rows of a statement; where the first tells the database's time (`now`), or that the table is
   * `large`, that is noted.
   *
   * @throws InvalidRecordError where a parameter was refused, MigrationRequiredError where a table
   * or column is missing.
   */
  async run(text: string, params: readonly SqlValue[]): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      const askedAt = this.#clock.monotonic()
      try {
        const rows = await this.#client.query(text, params, { isPreparable: this.#isLarge })
        this.#noteTime(rows[0], askedAt)
        if (rows[0] && 'large' in rows[0]) this.#isLarge = rows[0]['large'] === true
        return rows
      } catch (error) {
        const state = sqlStateOf(error)
        if (!isContention(state) || attempt === MAX_ATTEMPTS)
          throw this.#explain(withoutData(error), state)
      }
      await this.#pause(attempt)
    }
  }

  #noteTime(row: Row | undefined, askedAt: number): void {
    if (row !== undefined && 'now' in row) this.#time.sample(numberIn(row, 'now'), askedAt)
  }

  #explain(error: unknown, state: string | undefined): unknown {
    if (state === undefined) return error
    if (REFUSED.test(state)) return new InvalidRecordError(error)
    if (MISSING.test(state)) return new MigrationRequiredError(this.#table, this.#remedy, error)
    return error
  }

  #pause(attempt: number): Promise<void> {
    const longest = FIRST_PAUSE * 2 ** attempt
    return new Promise((resolve) => {
      this.#clock.schedule(resolve, Math.random() * longest)
    })
  }
}

const MAX_ATTEMPTS = 5
const FIRST_PAUSE = 5

/**
 * Data exceptions, broken constraints, and limits of the program: what was sent can not be stored.
 */
const REFUSED = /^(22|23|54)/

/** Undefined table, column or schema. */
const MISSING = /^(42P01|42703|3F000)$/

/**
 * A deadlock, or a transaction that could not be serialized: nothing was done, and it may be tried
 * at once.
 */
function isContention(state: string | undefined): boolean {
  return state === '40P01' || state === '40001'
}
