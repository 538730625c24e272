import { env, exit } from 'node:process'
import { URL } from 'node:url'
import pg from 'pg'

/*
 * What the database commands have in common: which database DATABASE_URL names, and whether it may be emptied.
 */

/** Says what is wrong, and ends the command. */
export function fail(problem) {
  console.error(problem)
  exit(1)
}

/** The database of DATABASE_URL: how to connect to it, and what may be told of it, which is never its password. */
export function readDatabase() {
  const url = env.DATABASE_URL
  if (!url) fail(`DATABASE_URL is not set. ${EXAMPLE}`)
  const settings = settingsOf(url)
  const { host, port, database: name } = describe(settings)
  const place = host.startsWith('/') ? host : `${host}:${port}`
  const text = `the database ${name} at ${place}`
  return { settings, name, schema: schemaIn(url), isLocal: isLocalHost(host), text }
}

const EXAMPLE = 'It looks like postgresql://user:password@localhost:5432/app'

/** The schema that the URL names, where that is not the one that everybody has. */
function schemaIn(url) {
  const schema = new URL(url).searchParams.get('schema')
  return schema === 'public' ? undefined : (schema ?? undefined)
}

/** Prisma's `?schema=` is a word that Postgres's own drivers do not know. */
function settingsOf(url) {
  if (!URL.canParse(url) || !/^postgres(?:ql)?:/.test(url)) fail(`DATABASE_URL is none. ${EXAMPLE}`)
  const parsed = new URL(url)
  const schema = parsed.searchParams.get('schema')
  if (schema === null) return { connectionString: url }
  if (!/^\w{1,63}$/.test(schema)) fail('The schema in DATABASE_URL is no name of a schema')
  parsed.searchParams.delete('schema')
  return { connectionString: parsed.href, options: `-c search_path="${schema}"` }
}

/** As the driver reads it, its defaults included: what is told is what will be connected to. */
function describe(settings) {
  try {
    return new pg.Client(settings)
  } catch {
    return fail(`DATABASE_URL can not be read. ${EXAMPLE}`)
  }
}

/** Whether it is this machine: by name, by address, or by the path of a socket. */
export function isLocalHost(host) {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\]|\/.*)$/.test(host)
}

/**
 * Ends the command where what it would do can not be undone, and is not asked for by the database's name: in
 * production, and where a server is not on this machine.
 */
export function requireConfirmation({ name, text }, { confirmed, isAllLocal, command }) {
  if (confirmed === name) return
  const given = confirmed === undefined ? '' : `--confirm names another database. `
  const why = env.NODE_ENV === 'production' ? 'NODE_ENV is production' : 'not all of it is local'
  if (env.NODE_ENV !== 'production' && isAllLocal && confirmed === undefined) return
  fail(
    `${given}Nothing was done to ${text}: ${given === '' ? why : 'names must agree'}.\n` +
      `To do it all the same, type the database's name: npm run ${command} -- --confirm <name>`,
  )
}

/** Runs something on a connection, and ends that; a failure is told, and ends the command. */
export async function withDatabase({ settings, text }, use) {
  const client = new pg.Client({ ...settings, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } catch (error) {
    const isMissing = ['42P01', '42703', '3F000'].includes(error.code)
    const remedy = isMissing ? '\nApply the migrations first: npm run db:migrate' : ''
    return fail(
      `It failed, and nothing was changed in ${text}: ${error.message || error.code}${remedy}`,
    )
  } finally {
    await client.end().catch(() => {})
  }
}
