import { createHash, randomUUID } from 'node:crypto'
import type { TableOptions } from './identifiers.js'
import { DEFAULT_TABLE, isDefaultPlace, repairsOf, toTables, toUserTables } from './identifiers.js'
import type { MigrationFile, MigrationSubject } from './migration-files.js'
import { readMigrations } from './migration-files.js'

/**
 * One statement that applies what is missing of the sessions' migrations: all of it, or nothing; one
 * process at a time, and no `prisma migrate` meanwhile.
 *
 * In the default place it reads and keeps Prisma's own history, so that either may be used on one
 * database. Prisma's history speaks of the default names only: for another `schema` or `table`
 * there is a history of our own, `_holdfast_migrations` in that schema, and the schema is created
 * too.
 */
export function createMigration(options: TableOptions): string {
  const { schema, table = DEFAULT_TABLE } = options
  const rename = (sql: string) => renameTables(sql, options)
  return migrate('sessions', isDefaultPlace(options) ? undefined : { schema, table, rename })
}

/** The same for the table of users. */
export function createUserMigration({ schema }: Pick<TableOptions, 'schema'>): string {
  const { users, roles } = toUserTables({ schema })
  const rename = (sql: string) => sql.replace(/"User"/g, users).replace(/"UserRole"/g, roles)
  return migrate('users', schema === undefined ? undefined : { schema, table: 'User', rename })
}

/** Where tables are that Prisma's history can not speak of. */
interface OtherPlace {
  readonly schema: string | undefined
  /** What our own history calls them. */
  readonly table: string
  /** A migration with the identifiers that it is to have. */
  readonly rename: (sql: string) => string
}

function migrate(subject: MigrationSubject, place: OtherPlace | undefined): string {
  const steps = place === undefined ? prismaHistory() : ownHistory(place)
  const migrations = readMigrations(subject)
  return `do $holdfast$
begin
  perform pg_advisory_xact_lock(${PRISMA_MIGRATE_LOCK});
  ${steps.prepare}
${migrations.map((migration) => applyOnce(migration, steps)).join('\n')}
end
$holdfast$`
}

/** The advisory lock that Prisma's schema engine holds while it migrates. */
const PRISMA_MIGRATE_LOCK = 72707369

/** How one kind of history is kept. */
interface History {
  /** Creates what the history needs. */
  readonly prepare: string
  /** A condition: this migration was applied. */
  isApplied(migration: MigrationFile): string
  /** A statement that says so from now on. */
  record(migration: MigrationFile): string
  /** The migration with the identifiers that it is to have. */
  rename(sql: string): string
}

function applyOnce(migration: MigrationFile, history: History): string {
  return `  if not exists (${history.isApplied(migration)}) then
    execute $migration$${history.rename(migration.sql)}$migration$;
    ${history.record(migration)};
  end if;`
}

/** The table and the rows that Prisma's schema engine makes. */
function prismaHistory(): History {
  return {
    prepare: `if to_regclass('"_prisma_migrations"') is null then
    create table "_prisma_migrations" (
      id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
      migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
      started_at timestamptz not null default now(), applied_steps_count integer not null default 0);
  end if;`,
    isApplied: ({ name }) =>
      `select from "_prisma_migrations"
       where migration_name = '${name}' and finished_at is not null and rolled_back_at is null`,
    record: ({ name, sql }) =>
      `insert into "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
    values ('${randomUUID()}', '${checksumOf(sql)}', clock_timestamp(), '${name}', 1)`,
    rename: (sql) => sql,
  }
}

function ownHistory({ schema, table, rename }: OtherPlace): History {
  const history =
    schema === undefined ? '"_holdfast_migrations"' : `"${schema}"."_holdfast_migrations"`
  const createSchema =
    schema === undefined
      ? ''
      : `if to_regnamespace('"${schema}"') is null then create schema "${schema}"; end if;`
  return {
    prepare: `${createSchema}
  if to_regclass('${history}') is null then
    create table ${history} (
      "table" text not null, migration text not null, "appliedAt" timestamptz not null default now(),
      primary key ("table", migration));
  end if;`,
    isApplied: ({ name }) =>
      `select from ${history} where "table" = '${table}' and migration = '${name}'`,
    record: ({ name }) =>
      `insert into ${history} ("table", migration) values ('${table}', '${name}')`,
    rename,
  }
}

/**
 * `"sessions"` is the table, wherever it is; `"sessions_…"` is an index or a constraint, which is
 * beside its table.
 */
function renameTables(sql: string, options: TableOptions): string {
  const { table = DEFAULT_TABLE } = options
  const { sessions, repairs } = toTables(options)
  return sql.replace(/"(sessions|session_repairs)(_\w+)?"/g, (_, name: string, suffix?: string) => {
    const isSessions = name === DEFAULT_TABLE
    if (suffix === undefined) return isSessions ? sessions : repairs
    return `"${isSessions ? table : repairsOf(table)}${suffix}"`
  })
}

/** As Prisma's: of the file's bytes. */
function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}
