import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

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
  await runOn(serverUrl, `create database ${name} template template0 encoding 'UTF8'`)
  if (timezone !== undefined) {
    await runOn(serverUrl, `alter database ${name} set timezone to '${timezone}'`)
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Removes a database, and ends whatever is connected to it. */
export async function dropDatabase(serverUrl: string, databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1)
  await runOn(serverUrl, `drop database if exists ${name} with (force)`)
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
