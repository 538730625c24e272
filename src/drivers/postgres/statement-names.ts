import { hash } from 'node:crypto'

const names = new Map<string, string>()

/** The name under which a text of the ledger's is prepared: one text, one name. */
export function nameOf(text: string): string {
  const name = names.get(text) ?? `holdfast_${hash('sha256', text).slice(0, 32)}`
  names.set(text, name)
  return name
}

/**
 * Has Prisma's adapter for `pg` prepare the statements of this package once a connection, where it
 * parses and plans each anew otherwise: that is more than half of what a session costs Postgres.
 * The application's own queries stay as they are.
 *
 * Leave it out behind a pooler that gives each transaction another connection, and does not know of
 * prepared statements (PgBouncer before 1.21).
 *
 * ```ts
 * const prisma = new PrismaClient({
 *   adapter: new PrismaPg({ connectionString }, { statementNameGenerator }),
 * })
 * ```
 */
export function statementNameGenerator({ sql }: { readonly sql: string }): string {
  return names.get(sql) ?? UNNAMED
}

/** How the protocol of Postgres names a statement that is not prepared. */
const UNNAMED = ''
