import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import ts from 'typescript'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'

const root = join(__dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
// Within the package, so that it finds 'holdfast/express' by the package's own name.
const folder = join(root, 'dist/readme')

let database: FreshDatabase
let redis: RedisServer
let port: number
let program: ChildProcess
let cookie: string | undefined

beforeAll(async () => {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'program.mjs'), toJavaScript(fence('ts')))
  ;[database, redis, port] = await Promise.all([freshDatabase(), startRedis(), freePort()])
  program = startProgram()
}, 60_000)

afterAll(async () => {
  await stop(program)
  await Promise.all([redis.stop(), database.drop()])
  rmSync(folder, { recursive: true })
})

it('answers as the README says', async () => {
  const said: string[] = []
  for (const line of fence('console').trim().split('\n')) {
    if (!line.startsWith('$ ')) continue
    said.push(line, ...(await run(line.slice(2))))
  }
  expect(said.join('\n')).toBe(fence('console').trim())
}, 30_000)

async function run(command: string): Promise<readonly string[]> {
  if (command.startsWith('curl ')) return [await visit()]
  if (command === 'redis-cli shutdown') await redis.stop()
  else if (command.startsWith('kill %1')) {
    await stop(program)
    program = startProgram()
  } else throw new Error(`The test does not know how to run: ${command}`)
  return []
}

function fence(language: string): string {
  const match = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(readme)
  return match![1]!
}

function toJavaScript(source: string): string {
  const { ES2023, ESNext } = { ...ts.ScriptTarget, ...ts.ModuleKind }
  return ts.transpile(source, { target: ES2023, module: ESNext })
}

function startProgram(): ChildProcess {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    PORT: String(port),
  }
  return spawn(process.execPath, [join(folder, 'program.mjs')], { env, stdio: 'inherit' })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
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
