import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { Redis } from 'ioredis'
import type { BusClient } from '../../../../src/caches/redis/bus-client.js'
import { openRedis } from '../../../../src/drivers/redis/open-redis.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { startRedis, type RedisServer } from '../../../services.js'
import { hear } from './heard.js'

const root = join(__dirname, '../../../..')
const nowhere = 'redis://127.0.0.1:1'

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(() => {
  client = new Redis(server.url)
})

afterEach(() => client.disconnect())
afterAll(() => server.stop())

async function connections(): Promise<number> {
  return ((await client.client('LIST')) as string).trim().split('\n').length
}

describe('closing a bus', () => {
  it('leaves no connection and no timer, and the client that was handed in', async () => {
    const clock = new ManualClock()
    const { bus } = hear({ client, channel: 'bus', clock })
    await eventually(() => bus.isHealthy)
    expect([await connections(), clock.pending]).toEqual([2, 1])
    await bus.close()

    await eventually(async () => (await connections()) === 1)
    expect([bus.isHealthy, clock.pending, client.status]).toEqual([false, 0, 'ready'])
  })

  it('may happen twice, before it was started, and while it connects', async () => {
    const unstarted = hear({ client, channel: 'bus' }).bus
    await Promise.all([unstarted.close(), unstarted.close()])

    const connecting = hear({ client, channel: 'bus' }).bus
    await new Promise((resolve) => setImmediate(resolve))
    await connecting.close()
    await connecting.close()
    await eventually(async () => (await connections()) === 1)
  })

  it('ends the attempts to subscribe again', async () => {
    const clock = new ManualClock()
    const away = openRedis(nowhere)
    const client = away.client as Promise<unknown> as Promise<BusClient>
    const { bus, errors } = hear({ client, channel: 'bus', clock })
    const over = new Redis(nowhere, { lazyConnect: true })
    const other = hear({ client: over, channel: 'bus', clock })
    await eventually(() => other.errors.length > 0 && clock.pending === 2)
    await Promise.all([bus.close(), other.bus.close(), away.close()])

    expect([clock.pending, errors]).toEqual([0, []])
    over.disconnect()
  })

  it('does not wait for a frozen Redis', async () => {
    const { bus } = hear({ client, channel: 'bus' })
    await eventually(() => bus.isHealthy)
    await server.freeze()
    const begun = performance.now()
    try {
      await bus.close()
    } finally {
      await server.thaw()
    }
    expect(performance.now() - begun).toBeLessThan(1_000)
  })
})

describe('a client that can not be', () => {
  it('is told, and rejects nothing', async () => {
    const problem = new Error('no driver')
    const { bus, errors } = hear({ client: Promise.reject(problem), channel: 'bus' })
    await eventually(() => errors.length > 0)

    expect([errors, bus.isHealthy]).toEqual([[problem], false])
    await bus.close()
  })
})

describe('a process', () => {
  it('ends by itself with a bus open', async () => {
    const { code, output } = await run(`
      const { client } = openRedis('${server.url}')
      const bus = new RedisBus({ client, channel: 'bus' })
      bus.start()
      await client
      for (let tries = 0; !bus.isHealthy && tries < 300; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      console.log(bus.isHealthy)
    `)
    expect({ code, output }).toEqual({ code: 0, output: 'true\n' })
  })

  it('ends by itself with Redis away', async () => {
    const { code, output } = await run(`
      const { client } = openRedis('${nowhere}')
      const bus = new RedisBus({ client, channel: 'bus' })
      bus.start()
      await client
      await new Promise((resolve) => setTimeout(resolve, 300))
      console.log(bus.isHealthy)
    `)
    expect({ code, output }).toEqual({ code: 0, output: 'false\n' })
  })

  it('ends by itself when Redis froze', async () => {
    const { code } = await run(`
      const { client } = openRedis('${server.url}')
      const bus = new RedisBus({ client, channel: 'bus' })
      bus.start()
      await client
      while (!bus.isHealthy) await new Promise((resolve) => setTimeout(resolve, 10))
      process.kill(${server.pid}, 'SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 50))
    `).finally(() => process.kill(server.pid, 'SIGCONT'))
    expect(code).toBe(0)
  })
})

/** Runs a program that sees the bus, as the module that users get. */
async function run(program: string): Promise<{ code: number; output: string }> {
  const bundle = await build({
    stdin: {
      contents: `
        import { openRedis } from './src/drivers/redis/open-redis.ts'
        import { RedisBus } from './src/caches/redis/redis-bus.ts'
        ${program}`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['ioredis'],
  })
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', bundle.outputFiles[0]!.text],
    {
      cwd: root,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 10_000,
    },
  )
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number]>,
  ])
  return { code, output }
}
