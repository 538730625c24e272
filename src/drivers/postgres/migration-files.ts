import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A migration as it lies in `prisma/migrations`. */
export interface MigrationFile {
  /** Its folder's name, by which Prisma knows it. */
  readonly name: string
  readonly sql: string
}

/** What a migration's folder is named after. */
export type MigrationSubject = 'sessions' | 'users'

/**
 * The migrations of these tables that are part of this package, oldest first. The application's
 * other tables, in folders of other names, are not ours to create.
 */
export function readMigrations(subject: MigrationSubject): readonly MigrationFile[] {
  // What is published is CommonJS, and so is what the tests run: an ES module has no such word.
  const folder = join(packageRoot(__dirname), 'prisma', 'migrations')
  const isOfSubject = new RegExp(`^\\d{14}_${subject}(_[a-z0-9_]+)?$`)
  return readdirSync(folder)
    .filter((name) => isOfSubject.test(name))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
}

/** Sources and builds lie at different depths. */
function packageRoot(folder: string): string {
  if (nameIn(join(folder, 'package.json')) === 'holdfast') return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`The package holdfast is not above ${__dirname}`)
  return packageRoot(parent)
}

function nameIn(manifest: string): unknown {
  if (!existsSync(manifest)) return undefined
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown }).name
}
