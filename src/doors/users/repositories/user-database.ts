import { systemClock } from '../../../core/clock.js'
import { MigrationRequiredError } from '../../../core/errors.js'
import { withoutData } from '../../../drivers/postgres/driver-error.js'
import { toTables, toUserTables, type TableOptions } from '../../../drivers/postgres/identifiers.js'
import { createUserMigration } from '../../../drivers/postgres/migrator.js'
import type { Row, SqlClient, SqlValue } from '../../../drivers/postgres/sql-client.js'
import { sqlStateOf } from '../../../drivers/postgres/sql-state.js'
import { withDeadline } from '../../../engine/deadline.js'
import { UsersUnavailableError } from '../errors.js'

/** What a {@link UserDatabase} is made of. */
export interface UserDatabaseOptions extends TableOptions {
  readonly client: SqlClient
  readonly createTables: boolean

  /** How long Postgres may take, ms. */
  readonly timeout: number
}

/** One statement that is to be run. */
export interface Asked {
  /** What for: `find`, `create`, … */
  readonly operation: string
  readonly text: string
  readonly params?: readonly SqlValue[]
}

/** Runs the statements of users: makes their table first where that is asked, and knows what errors mean. */
export class UserDatabase {
  readonly #options: UserDatabaseOptions
  #table: Promise<unknown> | undefined

  constructor(options: UserDatabaseOptions) {
    this.#options = options
  }

  /**
   * The rows of a statement.
   *
   * @throws {@link UsersUnavailableError}, and {@link MigrationRequiredError} where a table is missing.
   */
  async run({ operation, text, params = [] }: Asked): Promise<readonly Row[]> {
    const { client, createTables, timeout } = this.#options
    try {
      // As the ledger's: whoever else migrates may take long.
      if (createTables) await this.#createTable()
      return await withDeadline(client.query(text, params), timeout, systemClock)
    } catch (error) {
      if (error instanceof MigrationRequiredError) throw error
      const cause = withoutData(error)
      if (MISSING.test(sqlStateOf(error) ?? '')) throw this.#migrationRequired(text, cause)
      throw new UsersUnavailableError(operation, cause)
    }
  }

  /** The error that says that the table of users is not as it is to be. */
  migrationRequired(cause?: unknown): MigrationRequiredError {
    const { users } = toUserTables(this.#options)
    const byPrisma = this.#options.schema === undefined ? 'run prisma migrate deploy, or ' : ''
    return new MigrationRequiredError(users, `${byPrisma}pass createTables: true`, cause)
  }

  #duplicates(error: unknown): MigrationRequiredError {
    const { users } = toUserTables(this.#options)
    return new MigrationRequiredError(users, SAME_ADDRESS, withoutData(error))
  }

  /** Which of the two tables it is that is missing is in the error's cause only. */
  #migrationRequired(text: string, cause: unknown): MigrationRequiredError {
    const { sessions } = toTables(this.#options)
    if (!text.includes(`join ${sessions} `)) return this.migrationRequired(cause)
    const { users } = toUserTables(this.#options)
    return new MigrationRequiredError(`${users} or ${sessions}`, 'apply the migrations', cause)
  }

  /** One attempt is shared by all who wait; where it failed, the next call makes another. */
  #createTable(): Promise<unknown> {
    const { client } = this.#options
    this.#table ??= client.query(createUserMigration(this.#options), []).catch((error: unknown) => {
      this.#table = undefined
      throw sqlStateOf(error) === DUPLICATE ? this.#duplicates(error) : error
    })
    return this.#table
  }
}

const SAME_ADDRESS = 'two users have addresses that differ in nothing but case: change one of them'

/** Two rows have what is to be unique. */
const DUPLICATE = '23505'

/** Undefined table, column or schema; no index for a conflict. */
const MISSING = /^(42P01|42703|3F000|42P10)$/
