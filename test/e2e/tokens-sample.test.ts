import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import ts from 'typescript'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { tokenParts } from '../support/token-parts.js'
import { installPackage } from '../types/install-package.js'
import { node, problemsIn } from '../types/problems-in.js'

const root = join(__dirname, '../..')
const installed = [
  'jose',
  'zod',
  'rate-limiter-flexible',
  'ioredis',
  'pg',
  '@types/node',
  '@types/pg',
]

const secret = () => randomBytes(32).toString('base64')
const secrets = { JWT_SECRET: secret(), SESSION_ENCRYPTION_KEY: secret() }
let project: string
let database: FreshDatabase
let redis: RedisServer

beforeAll(async () => {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  project = await mkdtemp(join(tmpdir(), 'holdfast-tokens-'))
  await installPackage(project, installed)
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  const source = await readFile(join(__dirname, 'programs/tokens-sample.txt'), 'utf8')
  await writeFile(join(project, 'sample.ts'), source)
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  })
  await writeFile(join(project, 'sample.js'), outputText)
  ;[database, redis] = await Promise.all([freshDatabase(), startRedis()])
}, 120_000)

afterAll(async () => {
  await Promise.all([database.drop(), redis.stop(), rm(project, { recursive: true })])
})

/** Runs the samples, and gives what they printed. */
function run(variables: Readonly<Record<string, string>> = {}) {
  const { PATH } = process.env
  const options = { cwd: project, encoding: 'utf8', timeout: 20_000 } as const
  const env = { PATH, ...secrets, ...variables }
  const { stdout, stderr, status } = spawnSync(process.execPath, ['sample.js'], { ...options, env })
  return { stdout, stderr, status, told: storyIn(stdout) }
}

/** What the samples say themselves, beside what they log. */
function storyIn(stdout: string): string[] {
  return stdout.split('\n').filter((line) => /^(> |Active sessions)/.test(line))
}

const story = (mayRead: boolean) => [
  '> a session began for the user',
  '> the token is of the user',
  '> the next pair is another',
  `> may read users: ${mayRead}`,
  'Active sessions: 1',
  '> 1 of them is listed',
  '> a token that is none: TOKEN_ERROR',
  '> an id that is none: VALIDATION_ERROR',
  '> the session has ended: TOKEN_ERROR',
]

describe('the documented samples', () => {
  it('are of the types that the package declares', () => {
    expect(problemsIn(project, ['sample.ts'], { ...node, declaration: false })).toEqual([])
  })

  it.each([
    ['', false],
    ['ADMIN', true],
  ])('run in memory, and end by themselves; of the role "%s"', (ROLE, mayRead) => {
    const { told, stderr, status } = run({ ROLE })

    expect({ told, stderr, status }).toEqual({ told: story(mayRead), stderr: '', status: 0 })
  })

  it('run over DATABASE_URL and REDIS_URL, where sessions are sealed', async () => {
    const urls = { DATABASE_URL: database.url, REDIS_URL: redis.url }
    const { told, status } = run({ ...urls, ROLE: 'ADMIN' })

    // A Redis that takes its time to answer is logged, and changes nothing.
    expect({ told, status }).toEqual({ told: story(true), status: 0 })
    const stored = await sessionsIn(database.url)
    expect(stored).toHaveLength(2)
    expect(stored).toContainEqual(expect.objectContaining({ revokedReason: 'logout' }))
    expect(JSON.stringify(stored)).not.toMatch(/userId\\"|orgId|tokens/)
  })

  it('refuse secrets that are none, by the name of the variable', () => {
    const placeholder = 'your_jwt_secret_at_least_32_characters_long'
    const { stdout, stderr, status } = run({ JWT_SECRET: placeholder })

    expect(status).toBe(1)
    expect(stderr).toContain('JWT_SECRET is a placeholder')
    expect(stdout + stderr).not.toContain(placeholder)
  })

  it('log with { ...console, debug: console.log }, and no token or secret is in it', () => {
    const { stdout, stderr } = run({ ROLE: 'ADMIN', TELL_TOKENS: 'true' })
    const [, issued = '[]'] = /^issued (.*)$/m.exec(stdout) ?? []
    const pairs = JSON.parse(issued) as Parameters<typeof tokenParts>[0][]
    const logged = (stdout + stderr).replace(/^issued .*$/m, '')

    expect(pairs).toHaveLength(3)
    expect(logged).toContain('A session was refreshed')
    for (const each of [...pairs.flatMap(tokenParts), ...Object.values(secrets)]) {
      expect(logged).not.toContain(each)
    }
  })
})

async function sessionsIn(databaseUrl: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<object>('select * from sessions')
  await client.end()
  return rows
}
