import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

/** How many connections others have to a database, once those that are being closed are. */
export async function connectionsTo(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    let before = await count(client)
    for (;;) {
      await delay(30)
      const now = await count(client)
      if (now >= before) return now
      before = now
    }
  } finally {
    await client.end()
  }
}

async function count(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  )
  return rows[0]!.count
}
