import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { applyMigrations } from '../integration/doors/users/apply-migrations.js'
import { freshDatabase, sharedRedisUrl, type FreshDatabase } from '../services.js'
import { installPackage } from '../types/install-package.js'

const root = join(__dirname, '../..')
const installed = ['ioredis', '@prisma/adapter-pg', '@prisma/client-runtime-utils']

let project: string
let database: FreshDatabase

beforeAll(async () => {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  project = await mkdtemp(join(tmpdir(), 'holdfast-users-'))
  await installPackage(project, installed)
  for (const path of ['@prisma/client', '.prisma']) {
    const target = join(project, 'node_modules', path)
    await cp(join(root, 'node_modules', path), target, { recursive: true })
  }
  const page = await readFile(join(root, 'docs/doors/users.md'), 'utf8')
  await writeFile(join(project, 'sample.mjs'), /^```ts\n(.*?)^```/ms.exec(page)![1]!)
  database = await freshDatabase()
}, 60_000)

afterAll(async () => {
  await database.drop()
  await rm(project, { recursive: true })
})

/** Runs the page's first program, and gives what it printed. */
function run(variables: Readonly<Record<string, string | undefined>>) {
  const env = { ...process.env, NODE_OPTIONS: '', REDIS_URL: sharedRedisUrl(), ...variables }
  const options = { cwd: project, env, encoding: 'utf8', timeout: 20_000 } as const
  const { stdout, stderr, status } = spawnSync(process.execPath, ['sample.mjs'], options)
  return { stdout: stdout.trim(), stderr, status }
}

describe('the first program of docs/doors/users', () => {
  const printed = { stdout: 'user@example.com', stderr: '', status: 0 }

  it('runs against a fresh database in development, and ends by itself', async () => {
    const fresh = await freshDatabase()
    const DATABASE_URL = `${fresh.url}?schema=public`

    expect(run({ NODE_ENV: 'development', DATABASE_URL })).toEqual(printed)
    expect(await countIn(fresh.url)).toEqual({ users: 1, sessions: 1 })
    await fresh.drop()
  })

  it('runs in production, once the migrations are applied', async () => {
    const variables = { NODE_ENV: 'production', DATABASE_URL: database.url }
    expect(run(variables).stderr).toContain('ERR_MIGRATION_REQUIRED')

    await applyMigrations(database.url)

    expect(run(variables)).toEqual(printed)
    expect(await countIn(database.url)).toEqual({ users: 1, sessions: 1 })
  })

  it('runs in memory where nothing is set', () => {
    const nothing = { NODE_ENV: undefined, DATABASE_URL: undefined, REDIS_URL: undefined }

    expect(run(nothing)).toEqual(printed)
  })

  it('ends with the name of the variable that production lacks', () => {
    const { stderr, status } = run({ NODE_ENV: 'production', DATABASE_URL: undefined })

    expect(status).toBe(1)
    expect(stderr).toContain('DATABASE_URL is required in production')
  })
})

describe('with an ioredis that a bundler made empty', () => {
  const folder = () => join(project, 'node_modules/ioredis')

  beforeAll(async () => {
    await unlink(folder())
    await mkdir(folder())
    await writeFile(join(folder(), 'package.json'), '{ "name": "ioredis", "main": "empty.js" }')
    await writeFile(join(folder(), 'empty.js'), 'module.exports = {}')
  })

  it('the program goes on in development, and says so once', async () => {
    const fresh = await freshDatabase()
    const { stdout, stderr } = run({ NODE_ENV: 'development', DATABASE_URL: fresh.url })

    expect(stdout).toBe('user@example.com')
    expect(stderr.match(/HOLDFAST_EMPTY_IOREDIS/g)).toHaveLength(1)
    expect(stderr).toContain('serverExternalPackages')
    expect(await countIn(fresh.url)).toEqual({ users: 1, sessions: 1 })
    await fresh.drop()
  })

  it('the program refuses to begin in production, and says why', () => {
    const { stderr, status } = run({ NODE_ENV: 'production', DATABASE_URL: database.url })

    expect(status).toBe(1)
    expect(stderr).toContain('ioredis was resolved to an empty module')
  })
})

async function countIn(databaseUrl: string): Promise<unknown> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<object>(
    `select (select count(*)::int from "User") as users, (select count(*)::int from sessions) as sessions`,
  )
  await client.end()
  return rows[0]
}
