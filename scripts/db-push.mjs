import { argv, exit } from 'node:process'
import { parseArgs } from 'node:util'
import { applyMigrations } from './apply-migrations.mjs'
import { fail, readDatabase, requireConfirmation } from './database.mjs'
import { runPrisma } from './prisma-cli.mjs'

/*
 * Makes the database of DATABASE_URL what prisma/schema.prisma says, without a migration: `npm run db:push`, for
 * development. Migrations go first, because a push knows nothing of the indexes that Prisma has no words for, such as
 * the one that keeps an e-mail address unique.
 */

function readArguments() {
  try {
    return parseArgs({ args: argv.slice(2), options: { confirm: { type: 'string' } } }).values
  } catch (error) {
    return fail(error.message)
  }
}

const { confirm: confirmed } = readArguments()
const database = readDatabase()
console.log(`Pushes prisma/schema.prisma to ${database.text}`)
requireConfirmation(database, { confirmed, isAllLocal: database.isLocal, command: 'db:push' })

const applied = await applyMigrations(database)
if (applied.length > 0) console.log(`Applied ${applied.sort().join(', ')}`)
const status = await runPrisma('db', 'push')
if (status !== 'no engine') exit(status)
fail(
  'Prisma’s schema engine can not be fetched, and only that can push. The migrations are applied; nothing else was done.\n' +
    'PRISMA_ENGINES_MIRROR names another place to fetch it from, PRISMA_SCHEMA_ENGINE_BINARY an engine that is there.',
)
