import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Pool } from 'pg'
import { openPool } from '../integration/ledgers/postgres/pool.js'
import { freshDatabase, type FreshDatabase } from '../services.js'
import { runScript } from './npm-script.js'

/** An engine that is nowhere: nothing is fetched, and nothing that is cached is used. */
const noEngine = { PRISMA_SCHEMA_ENGINE_BINARY: '/nowhere/schema-engine' }

let database: FreshDatabase
let name: string
let pool: Pool
let env: { DATABASE_URL: string }

beforeEach(async () => {
  database = await freshDatabase()
  name = new URL(database.url).pathname.slice(1)
  pool = openPool(database.url)
  env = { DATABASE_URL: database.url }
})

afterEach(async () => {
  await pool.end()
  await database.drop()
})

describe('npm run db:migrate', () => {
  it('applies all migrations where Prisma’s engine is not to be had, once', async () => {
    const first = await runScript('db:migrate', { ...env, ...noEngine })
    const second = await runScript('db:migrate', { ...env, ...noEngine })

    expect(first).toMatchObject({ status: 0 })
    expect(first.output).toContain('Applied 20260101000000_sessions, 20260102000000_users')
    expect(second).toMatchObject({ status: 0 })
    expect(second.output).toContain('Nothing was missing')
    expect((await pool.query('select * from "User"')).rows).toEqual([])
    expect((await pool.query('select * from sessions')).rows).toEqual([])
  }, 60_000)

  it('applies them in the schema that the URL names', async () => {
    await pool.query('create schema "Auth"')
    const url = `${database.url}?schema=Auth`

    expect(await runScript('db:migrate', { DATABASE_URL: url, ...noEngine })).toMatchObject({
      status: 0,
    })

    expect((await pool.query('select * from "Auth"."User"')).rows).toEqual([])
    const reset = await runScript('db:reset:all', { DATABASE_URL: url })
    expect(reset.output).toContain('User: 0 rows removed')
  }, 60_000)

  it('says what failed, without the password', async () => {
    const url = new URL(database.url)
    url.password = 'the-password'
    url.port = '1'

    const { status, output } = await runScript('db:migrate', {
      DATABASE_URL: url.href,
      ...noEngine,
    })

    expect(status).toBe(1)
    expect(output).toMatch(/could not be applied to the database .*ECONNREFUSED/)
    expect(output).not.toContain('the-password')
  }, 60_000)
})

describe('npm run db:push', () => {
  it('applies the migrations, and says what it lacks where the engine is not to be had', async () => {
    const { status, output } = await runScript('db:push', { ...env, ...noEngine })

    expect(status).toBe(1)
    expect(output).toContain('schema engine can not be fetched')
    expect((await pool.query('select * from "User"')).rows).toEqual([])
  }, 60_000)

  it('does nothing in production', async () => {
    const { status, output } = await runScript('db:push', {
      ...env,
      ...noEngine,
      NODE_ENV: 'production',
    })

    expect(status).toBe(1)
    expect(output).toContain('npm run db:push -- --confirm <name>')
    expect((await pool.query(`select to_regclass('"User"') as held`)).rows).toEqual([
      { held: null },
    ])
  })
})

describe('npm run db:studio', () => {
  it('opens Studio on the database', async () => {
    const { output } = await runScript('db:studio', env, '--help')

    expect(output).toContain(`Opens the database ${name}`)
    expect(output).toContain('prisma studio')
  })
})

describe.each([
  'db:reset:web',
  'db:reset:admin',
  'db:reset:all',
  'db:migrate',
  'db:push',
  'db:studio',
])('npm run %s', (script) => {
  it.each([
    ['is not set', {}, /^DATABASE_URL is not set/m],
    ['is empty', { DATABASE_URL: '' }, /^DATABASE_URL is not set/m],
    [
      'is of another kind',
      { DATABASE_URL: 'mysql://u:the-password@h/d' },
      /^DATABASE_URL is none/m,
    ],
    ['is no URL', { DATABASE_URL: 'postgres://u:the-password@h:x/d' }, /^DATABASE_URL is none/m],
  ])('ends at once where DATABASE_URL %s', async (_what, theirs: Record<string, string>, line) => {
    const { status, output } = await runScript(script, theirs)

    expect(status).toBe(1)
    expect(output).toMatch(line)
    expect(output).not.toContain('the-password')
  })
})
