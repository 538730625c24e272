import { Pool } from 'pg'
import { RedisFirstStore } from '../../../src/doors/express/index.js'
import { startApp } from '../scene/sessions-app.js'
import { Visitor } from '../scene/visitor.js'

/*
 * One request's worth of work over a Redis by its URL and a pool; then nothing is done any more, and the process is to end
 * by itself. With `close` the store is closed, and the pool has connections that would keep the process for a minute.
 */

const [databaseUrl, redisUrl, prefix = '', how] = process.argv.slice(2)

async function main(): Promise<void> {
  const closes = how === 'close'
  const pool = new Pool({
    connectionString: databaseUrl,
    allowExitOnIdle: !closes,
    idleTimeoutMillis: 60_000,
  })
  const store = new RedisFirstStore({ redis: redisUrl ?? '', prefix, pool, createTables: true })
  const app = await startApp(store)
  const visitor = await Visitor.loggedIn(app, 'visitor')
  const { content } = await visitor.look()
  await app.close()
  if (closes) {
    await store.close()
    await pool.end()
  }
  process.stdout.write(`${JSON.stringify(content)}\n`)
}

void main()
