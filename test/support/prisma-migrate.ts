import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type {
  DiagnoseMigrationHistoryOutput,
  MigrationList,
  SchemaEngine,
} from '@prisma/schema-engine-wasm'
import type { Pool, QueryResult } from 'pg'
import { clearTimers, loadSchemaEngine } from './schema-engine.cjs'

/** A migration of the application, beside those in `prisma/migrations`. */
interface OtherMigration {
  readonly name: string
  readonly sql: string
}

const folder = resolve('prisma/migrations')
const filters = { externalTables: [], externalEnums: [] }

/**
 * What `prisma migrate deploy` does, by the same engine: applies to the pool's database what is missing
 * there, and names it. Ends the pool, and with it the engine's lock.
 */
export function deploy(pool: Pool, others: readonly OtherMigration[] = []): Promise<string[]> {
  const migrationsList = listMigrations(others)
  return withEngine(pool, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters })
    return appliedMigrationNames
  })
}

/** What the engine makes of the history in the pool's database. Ends the pool. */
export function diagnose(pool: Pool): Promise<DiagnoseMigrationHistoryOutput> {
  const migrationsList = listMigrations()
  return withEngine(pool, (engine) =>
    engine.diagnoseMigrationHistory({ migrationsList, filters, optInToShadowDatabase: false }),
  )
}

/** The statements by which the engine would make the pool's database into what the Prisma schema says. Ends the pool. */
export function driftOf(pool: Pool): Promise<readonly string[]> {
  const files = [readSchema()]
  return withEngine(withoutChars(pool), async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters,
    })
    return (stdout ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('--'))
  })
}

/** The adapter does not know the type of one byte that Postgres's own tables have, and the engine reads those. */
function withoutChars(pool: Pool): Pool {
  const [char, text] = [18, 25]
  const query = pool.query.bind(pool) as (asked: object) => Promise<QueryResult>
  return Object.assign(pool, {
    query: async (asked: object) => {
      const result = await query(asked)
      for (const field of result.fields) if (field.dataTypeID === char) field.dataTypeID = text
      return result
    },
  })
}

async function withEngine<T>(pool: Pool, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  try {
    const Engine = await loadSchemaEngine()
    const adapters = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool))
    const { path, content } = readSchema()
    const engine = await Engine.new({ datamodels: [[path, content]] }, () => {}, adapters)
    return await use(engine)
  } finally {
    clearTimers()
    await pool.end()
  }
}

function readSchema() {
  return { path: 'schema.prisma', content: readFileSync('prisma/schema.prisma', 'utf8') }
}

/** As Prisma's command line reads them: every folder, whatever its name. */
function listMigrations(others: readonly OtherMigration[] = []): MigrationList {
  const own = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const lockfile = readFileSync(join(folder, 'migration_lock.toml'), 'utf8')
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories: [...own, ...others].map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}
