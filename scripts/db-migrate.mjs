import { exit } from 'node:process'
import { applyMigrations } from './apply-migrations.mjs'
import { readDatabase } from './database.mjs'
import { runPrisma } from './prisma-cli.mjs'

/*
 * Applies all migrations to the database of DATABASE_URL: `npm run db:migrate`. By `prisma migrate deploy`; where
 * Prisma's schema engine can not be had, by the migrator of this package, which keeps the same history.
 */

const database = readDatabase()
console.log(`Applies the migrations to ${database.text}`)
const status = await runPrisma('migrate', 'deploy')
if (status !== 'no engine') exit(status)

console.log('Prisma’s schema engine can not be fetched: the migrator of this package does it')
const applied = await applyMigrations(database)
console.log(applied.length === 0 ? 'Nothing was missing' : `Applied ${applied.sort().join(', ')}`)
