import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { Redis } from 'ioredis'
import { openRedis, type OpenRedisOptions } from '../../../../src/drivers/redis/open-redis.js'
import type { RedisConnection } from '../../../../src/drivers/redis/redis-client.js'
import type { Clock } from '../../../../src/core/clock.js'
import { startRedis, type RedisServer } from '../../../services.js'

const root = join(__dirname, '../../../..')
/** Nothing listens there: ports below 1024 are for servers that a test does not start. */
const nowhere = 'redis://127.0.0.1:1'

let server: RedisServer
const opened: RedisConnection[] = []

beforeAll(async () => {
  server = await startRedis()
})

afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close())))
afterAll(() => server.stop())

function open(url: string, options?: OpenRedisOptions): RedisConnection {
  const connection = openRedis(url, options)
  opened.push(connection)
  return connection
}

describe('a connection', () => {
  it('answers as soon as the client is there', async () => {
    const client = await open(server.url).client
    expect(await client.ping()).toBe('PONG')
  })

  it('gives the client though Redis is away, whose commands reject at once', async () => {
    const errors: unknown[] = []
    const client = await open(nowhere, { onError: (error) => errors.push(error) }).client

    await expect(client.ping()).rejects.toThrow()
    expect(errors[0]).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is made again when Redis comes back', async () => {
    const client = await open(server.url).client
    await server.kill()
    await expect(client.ping()).rejects.toThrow()
    await server.restart()

    await expect(firstAnswer(() => client.ping())).resolves.toBe('PONG')
  })

  it('is tried for at growing intervals, up to three seconds', async () => {
    const delays: number[] = []
    const tried = new Promise<void>((resolve) => {
      const clock = impatient((delay) => {
        if (delays.push(delay) === 6) resolve()
        return delays.length < 6
      })
      open(nowhere, { clock, random: () => 1 })
    })
    await tried
    expect(delays).toEqual([150, 450, 1350, 3000, 3000, 3000])
  })

  it('is never tried for faster than each 50 ms', async () => {
    const delays: number[] = []
    const tried = new Promise<void>((resolve) => {
      const clock = impatient((delay) => {
        if (delays.push(delay) === 3) resolve()
        return delays.length < 3
      })
      open(nowhere, { clock, random: () => 0 })
    })
    await tried
    expect(delays).toEqual([50, 50, 50])
  })
})

describe('closing', () => {
  it('leaves no connection at the server', async () => {
    const admin = new Redis(server.url)
    const connection = open(server.url)
    await connection.client
    const before = await connections(admin)
    await connection.close()

    expect(await connections(admin)).toBe(before - 1)
    admin.disconnect()
  })

  it('may happen twice, and before the connection is there', async () => {
    const connection = open(server.url)
    await Promise.all([connection.close(), connection.close()])
    await expect(connection.close()).resolves.toBeUndefined()
    await expect((await connection.client).ping()).rejects.toThrow()
  })

  it('ends the attempts to connect again', async () => {
    let scheduled = 0
    let cancelled = 0
    const clock: Clock = {
      ...impatient(() => false),
      schedule() {
        scheduled++
        return () => cancelled++
      },
    }
    const connection = open(nowhere, { clock })
    await connection.client
    await connection.close()

    expect([scheduled, cancelled]).toEqual([1, 1])
  })
})

describe('a process', () => {
  it('ends by itself with a connection open', async () => {
    const { code, output } = await run(`
      const { client } = openRedis('${server.url}')
      console.log(await (await client).ping())
    `)
    expect({ code, output }).toEqual({ code: 0, output: 'PONG\n' })
  })

  it('ends by itself with Redis away', async () => {
    const { code, output } = await run(`
      const { client } = openRedis('${nowhere}')
      await (await client).ping().catch(() => console.log('away'))
    `)
    expect({ code, output }).toEqual({ code: 0, output: 'away\n' })
  })

  it('is told what to install where ioredis is missing, and only where it asks', async () => {
    const { code, output } = await run(
      `
      const { client, close } = openRedis('${server.url}')
      await new Promise((resolve) => setTimeout(resolve, 50))
      await client.catch(({ code, message }) => console.log(code, message))
      await close()
    `,
      tmpdir(),
    )
    expect(code).toBe(0)
    expect(output).toMatch(/^ERR_INVALID_OPTION .*npm install ioredis\n$/)
  })
})

/** Runs a program that sees `openRedis`, as the module that users get. */
async function run(program: string, cwd = root): Promise<{ code: number; output: string }> {
  const bundle = await build({
    stdin: {
      contents: `import { openRedis } from './src/drivers/redis/open-redis.ts'\n${program}`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['ioredis'],
  })
  const source = bundle.outputFiles[0]!.text
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 5000,
  })
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number]>,
  ])
  return { code, output }
}

/** A clock that runs a task at once where `accepts` agrees to its delay. */
function impatient(accepts: (delay: number) => boolean): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    schedule(task, delay) {
      if (accepts(delay)) setImmediate(task)
      return () => {}
    },
  }
}

async function connections(admin: Redis): Promise<number> {
  return ((await admin.client('LIST')) as string).trim().split('\n').length
}

async function firstAnswer<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
