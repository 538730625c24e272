import { Pool } from 'pg'
import { openSessions, type SessionCursor } from '../../../src/index.js'

/*
 * Writes sessions with 128 in flight, and prints `<cookie's id> <count>` as soon as a write is acknowledged. Each session is
 * written twice: an insert, then an update. The process is killed in the middle.
 */

const [databaseUrl, redisUrl, prefix = ''] = process.argv.slice(2)
const WRITES = 10_000
const IN_FLIGHT = 128

const pool = new Pool({ connectionString: databaseUrl })
const engine = openSessions({ redis: redisUrl, prefix, pool, createTables: true })
let next = 0

async function writer(): Promise<void> {
  while (next < WRITES / 2) {
    const cookieId = `session-${next++}`
    const id = engine.idOf(cookieId)
    if (id === undefined) continue
    const cursor: SessionCursor = { base: 'new' }
    for (const count of [1, 2]) {
      await engine.write(id, { content: { cookieId, count }, ttl: 3_600_000, cursor })
      process.stdout.write(`${cookieId} ${count}\n`)
    }
  }
}

async function main(): Promise<void> {
  await engine.ready()
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer))
  await engine.close()
  await pool.end()
}

void main()
