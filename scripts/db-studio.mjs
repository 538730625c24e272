import { argv, exit } from 'node:process'
import { readDatabase } from './database.mjs'
import { stayWithPrisma } from './prisma-cli.mjs'

/*
 * Opens Prisma Studio on the database of DATABASE_URL: `npm run db:studio`. What follows `--` is Prisma's.
 */

console.log(`Opens ${readDatabase().text}`)
exit(await stayWithPrisma('studio', ...argv.slice(2)))
