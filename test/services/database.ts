import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

const graceTries = 40
const gracePause = 25

/** How a database is made. */
export interface DatabaseOptions {
  /** The TimeZone that each of its connections begins with; the server's where it is not given. */
  readonly timezone?: string
}

/** Makes a new, empty database on a server, and returns its URL. */
export async function createDatabase(
  serverUrl: string,
  { timezone }: DatabaseOptions = {},
): Promise<string> {
  const name = `holdfast_test_${randomBytes(8).toString('hex')}`
  await onServer(serverUrl, async (client) => {
    await client.query(`create database ${name} template template0 encoding 'UTF8'`)
    if (timezone === undefined) return
    await client.query(`alter database ${name} set timezone to '${timezone}'`)
  })
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/**
 * Removes a database, and ends whatever is connected to it.
 *
 * Connections that are on their way out get a moment first: `pool.end()` resolves before they are closed, and one
 * that is ended from the server's side then is an error that nobody listens for.
 */
export async function dropDatabase(serverUrl: string, databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1)
  await onServer(serverUrl, async (client) => {
    for (let tries = 0; tries < graceTries && (await isConnectedTo(client, name)); tries++) {
      await delay(gracePause)
    }
    await client.query(`drop database if exists ${name} with (force)`)
  })
}

async function isConnectedTo(client: Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [
    database,
  ])
  return rowCount !== 0
}

async function onServer(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
