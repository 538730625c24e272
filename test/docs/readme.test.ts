import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { installPackage } from '../types/install-package.js'

const root = join(__dirname, '../..')

// What the page installs beside the package itself, and what npm lays beside that.
const installed = [
  'express',
  'express-session',
  'ioredis',
  'prisma',
  '@prisma/adapter-pg',
  '@prisma/client-runtime-utils',
]

let readme: string
let project: string
let database: FreshDatabase
let redis: RedisServer
let port: number
let program: ChildProcess | undefined
let cookie: string | undefined

beforeAll(async () => {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  project = await mkdtemp(join(tmpdir(), 'holdfast-readme-'))
  await installPackage(project, installed)
  readme = await readFile(join(project, 'node_modules/holdfast/README.md'), 'utf8')
  // The client is generated beside the package that asks for it: a copy keeps it out of the repository.
  await cp(clientIn(root), clientIn(project), { recursive: true })
  await mkdir(join(project, 'node_modules/.bin'))
  await symlink('../prisma/build/index.js', join(project, 'node_modules/.bin/prisma'))
  ;[database, redis, port] = await Promise.all([freshDatabase(), startRedis(), freePort()])
}, 60_000)

afterAll(async () => {
  await stop()
  await Promise.all([redis.stop(), database.drop()])
  await rm(project, { recursive: true })
})

it('runs in an empty folder, and answers as the README says', async () => {
  generateClient()
  await writeFile(join(project, 'program.mjs'), fence('js'))
  const said: string[] = []
  for (const line of fence('console').trim().split('\n')) {
    if (!line.startsWith('$ ')) continue
    said.push(line, ...(await run(line.slice(2))))
  }
  expect(said.join('\n')).toBe(fence('console').trim())
}, 30_000)

it('installs what the program imports', () => {
  const imported = [...fence('js').matchAll(/from '((?:@[^/]+\/)?[^'/]+)/g)].map(([, name]) => name)
  const words = fence('sh').split(/\s+/)
  const packages = words.map((word) => word.replace(/(?<=.)@[\d.]+$/, ''))
  expect(packages).toEqual(expect.arrayContaining(imported))
})

/** The last line of the installation, as it stands. */
function generateClient(): void {
  const [command] = fence('sh').trim().split('\n').slice(-1)
  // Prisma fetches its schema engine, which `generate` never runs: any executable keeps this off the network.
  const env = { ...cleanEnv(), PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  execFileSync('sh', ['-c', command!], { cwd: project, env, stdio: 'pipe' })
}

async function run(command: string): Promise<readonly string[]> {
  if (command.startsWith('curl ')) return [await visit()]
  if (command === 'redis-cli shutdown') await redis.stop()
  else if (command === 'node program.mjs &') program = startProgram()
  else if (command === 'kill %1; node program.mjs &') {
    await stop()
    program = startProgram()
  } else if (!command.startsWith('export DATABASE_URL=')) {
    throw new Error(`The test does not know how to run: ${command}`)
  }
  return []
}

/** The page's first fence of this language. */
function fence(language: string): string {
  const match = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(readme)
  return match![1]!
}

function clientIn(folder: string): string {
  return join(folder, 'node_modules/@prisma/client')
}

function cleanEnv(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', PRISMA_HIDE_UPDATE_MESSAGE: '1' }
}

function startProgram(): ChildProcess {
  const env = {
    ...cleanEnv(),
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    PORT: String(port),
  }
  return spawn(process.execPath, ['program.mjs'], { cwd: project, env, stdio: 'inherit' })
}

async function stop(): Promise<void> {
  if (program?.exitCode !== null) return
  const ended = once(program, 'exit')
  program.kill()
  await ended
  program = undefined
}

/** What curl does with a cookie jar, once the program listens. */
async function visit(): Promise<string> {
  const headers = cookie === undefined ? {} : { cookie }
  const response = await untilListening(() => fetch(`http://127.0.0.1:${port}`, { headers }))
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
  return (await response.text()).trim()
}

async function untilListening(request: () => Promise<Response>): Promise<Response> {
  const giveUpAt = Date.now() + 15_000
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (Date.now() > giveUpAt) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  return free
}
