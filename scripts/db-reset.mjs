import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { parseArgs } from 'node:util'
import { fail, readDatabase, requireConfirmation, withDatabase } from './database.mjs'
import { openRedis, removeKeys } from './redis-keys.mjs'

/*
 * Empties what one application has, or all: `npm run db:reset:web`, `db:reset:admin`, `db:reset:all`. First Postgres,
 * by prisma/reset/*.sql, then Redis, which could be filled from Postgres otherwise.
 *
 * In production, and where a server is not on this machine, it does nothing unless the database's name is typed:
 * `npm run db:reset:web -- --confirm app`.
 */

/** What is removed: of sessions, of users, and of whose keys behind the default prefix; without a context of all. */
const scopes = {
  web: {
    file: 'web-reset.sql',
    sessions: 'the sessions of the context web',
    users: 'the users of the role USER',
    context: 'web',
  },
  admin: {
    file: 'admin-reset.sql',
    sessions: 'the sessions of the context admin',
    users: 'the users of the role ADMIN',
    context: 'admin',
  },
  all: {
    file: 'full-reset.sql',
    sessions: 'all sessions',
    users: 'all users',
  },
}

function readArguments() {
  try {
    const options = { confirm: { type: 'string' } }
    const { values, positionals } = parseArgs({
      args: argv.slice(2),
      options,
      allowPositionals: true,
    })
    const [scope, ...others] = positionals
    if (Object.hasOwn(scopes, scope) && others.length === 0)
      return { scope, confirmed: values.confirm }
  } catch (error) {
    return fail(error.message)
  }
  return fail('Say what to reset, web, admin or all, and nothing else but --confirm <name>')
}

/** A cache's, whose keys name the schema where one is chosen, and a ledger's. */
function prefixesOf(context, { schema }) {
  const place = schema === undefined ? '' : `${schema}.:`
  return [`session:${place}${context}:`, `session:${context}@`]
}

const { scope, confirmed } = readArguments()
const { file, sessions, users, context } = scopes[scope]
const database = readDatabase()
const prefixes = context === undefined ? ['session:'] : prefixesOf(context, database)
const cache = await openRedis()

const isAllLocal = database.isLocal && (cache?.isLocal ?? true)
console.log(`Resets ${database.text}: removes ${sessions}, and ${users}`)
if (cache)
  console.log(
    `Clears ${cache.text}: removes all keys ${prefixes.map((each) => `${each}*`).join(' and ')}`,
  )
else console.log('REDIS_URL is not set: no keys are cleared')
requireConfirmation(database, { confirmed, isAllLocal, command: `db:reset:${scope}` })

const sql = readFileSync(join(import.meta.dirname, '../prisma/reset', file), 'utf8')
const tables = [...sql.matchAll(/^delete from "(?<table>\w+)"/gm)].map(({ groups }) => groups.table)
const results = await withDatabase(database, (client) => client.query(sql))
const counts = results.filter(({ command }) => command === 'DELETE').map(({ rowCount }) => rowCount)
tables.forEach((table, index) => console.log(`${table}: ${counts[index]} rows removed`))

if (cache) {
  let removed = 0
  for (const prefix of prefixes) removed += await removeKeys(cache, prefix)
  console.log(`Redis: ${removed} keys removed`)
  cache.redis.disconnect()
}
