import { InvalidOptionError } from '../../core/errors.js'
import { anIdentifier } from '../../core/options.js'

/**
 * The tables of a ledger, quoted as in SQL; where a schema was given they are qualified with it.
 */
export interface Tables {
  readonly sessions: string
  readonly repairs: string
}

/** Where the tables are to be found. */
export interface TableOptions {
  readonly schema?: string | undefined
  readonly table?: string | undefined
}

/** The table of users and the type of their roles, quoted as in SQL. */
export interface UserTables {
  readonly users: string
  readonly roles: string
}

/** The sessions' table where no other is named. */
export const DEFAULT_TABLE = 'sessions'

/**
 * The names of the tables that go with these options.
 *
 * @throws InvalidOptionError for a name of anything but letters, digits and underscores.
 */
export function toTables({ schema, table = DEFAULT_TABLE }: TableOptions): Tables {
  checkIdentifier('table', table)
  return { sessions: qualified(table, schema), repairs: qualified(repairsOf(table), schema) }
}

/**
 * The names that users are kept under.
 *
 * @throws InvalidOptionError for a schema's name of anything but letters, digits and underscores.
 */
export function toUserTables({ schema }: Pick<TableOptions, 'schema'>): UserTables {
  return { users: qualified('User', schema), roles: qualified('UserRole', schema) }
}

/** Whether the tables have the names, and the place, that Prisma's own migrations give them. */
export function isDefaultPlace({ schema, table = DEFAULT_TABLE }: TableOptions): boolean {
  return schema === undefined && table === DEFAULT_TABLE
}

/**
 * The repairs' table beside a sessions' table: `session_repairs` beside `sessions`,
 * `visits_repairs` beside `visits`.
 */
export function repairsOf(table: string): string {
  if (table === DEFAULT_TABLE) return 'session_repairs'
  // No two tables share their repairs: `session` has the name that `sessions` leaves free.
  return table === 'session' ? 'sessions_repairs' : `${table}_repairs`
}

function qualified(name: string, schema: string | undefined): string {
  if (schema === undefined) return `"${name}"`
  checkIdentifier('schema', schema)
  return `"${schema}"."${name}"`
}

function checkIdentifier(option: string, name: unknown): void {
  const problem = anIdentifier(name)
  if (problem !== undefined) throw new InvalidOptionError(option, problem)
}
