import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { openSessions, type SessionEngine, type SessionId } from '../../src/index.js'
import {
  freshDatabase,
  startRedis,
  startSentinel,
  type FreshDatabase,
  type RedisServer,
  type Sentinel,
} from '../services.js'
import { TcpProxy } from './proxy/tcp-proxy.js'
import { eventually } from './scene/eventually.js'

const NAME = 'sessions'
const DOWN_AFTER = 300

/** Sentinel looks at what it watches once a second, and at its replicas each ten; it promotes some seconds later. */
const FAILED_OVER_WITHIN = 25_000
const HOUR = 3_600_000

let primary: RedisServer
let replica: RedisServer
let sentinel: Sentinel
let database: FreshDatabase
let pool: Pool
let redis: Redis
let engine: SessionEngine

beforeAll(async () => {
  const atOnce = ['--repl-diskless-sync-delay', '0']
  ;[primary, database] = await Promise.all([startRedis({ args: atOnce }), freshDatabase()])
  replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${primary.port}`, ...atOnce] })
  await eventually(async () => (await infoOf(replica)).includes('master_link_status:up'), 10_000)
  sentinel = await startSentinel({ name: NAME, primary: primary.port, downAfter: DOWN_AFTER })
  await eventually(knowsReplica, 15_000)
  pool = new Pool({ connectionString: database.url })
  redis = connectThrough([sentinel.port])
  await redis.connect()
  engine = openSessions({ redis, pool, createTables: true, near: true })
  await engine.ready()
}, 60_000)

afterAll(async () => {
  await engine.close()
  redis.disconnect()
  await pool.end()
  await Promise.all([sentinel.stop(), replica.stop(), primary.stop(), database.drop()])
})

describe('sessions over a Redis that a Sentinel watches', () => {
  it(
    'go on through a failover, and are remembered by the new primary, and heard of through it',
    async () => {
      const id = engine.idOf('the-session-of-somebody')!
      await write(id, { visits: 1 })
      await eventually(async () => (await tierOf(id)) === 'redis')
      await primary.kill()

      expect((await engine.read(id))?.content).toEqual({ visits: 1 })
      await write(id, { visits: 2 })
      await eventually(isWellAgain, FAILED_OVER_WITHIN)

      expect((await engine.read(id))?.content).toEqual({ visits: 2 })
      await eventually(async () => (await tierOf(id)) === 'redis')
      await eventually(async () => (await engine.read(id))?.tier === 'near')
      expect(await infoOf(replica)).toMatch(/role:master/)
    },
    2 * FAILED_OVER_WITHIN,
  )

  it('are heard of though the first sentinel does not answer, and are closed', async () => {
    const first = await TcpProxy.open({ server: `redis://127.0.0.1:${sentinel.port}` })
    const client = connectThrough([Number(new URL(first.url).port), sentinel.port])
    const other = openSessions({ redis: client, pool, near: true })
    try {
      await client.connect()
      await eventually(async () => (await other.health()).near?.isBelieved === true, 5_000)
      first.blackhole()
      await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await eventually(async () => (await other.health()).near?.isBelieved !== true, 5_000)
      await eventually(async () => (await other.health()).near?.isBelieved === true, 10_000)
      await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      const began = performance.now()
      await other.close()
      expect(performance.now() - began).toBeLessThan(1_000)
    } finally {
      client.disconnect()
      await first.close()
    }
  }, 40_000)
})

function connectThrough(ports: readonly number[]): Redis {
  const client = new Redis({
    sentinels: ports.map((port) => ({ host: '127.0.0.1', port })),
    name: NAME,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    sentinelRetryStrategy: () => 100,
    retryStrategy: () => 100,
    lazyConnect: true,
  })
  client.on('error', () => {})
  return client
}

async function write(id: SessionId, content: { visits: number }): Promise<void> {
  await engine.write(id, { content, ttl: HOUR, cursor: { base: 'any' } })
}

/** What answers a process that remembers nothing itself. */
async function tierOf(id: SessionId): Promise<string | undefined> {
  const other = openSessions({ redis, pool })
  try {
    return (await other.read(id))?.tier
  } finally {
    await other.close()
  }
}

async function isWellAgain(): Promise<boolean> {
  const { status, near } = await engine.health()
  return status === 'ok' && near?.isBelieved === true
}

async function infoOf({ url }: RedisServer): Promise<string> {
  return asked(url, (client) => client.info('replication'))
}

async function knowsReplica(): Promise<boolean> {
  const url = `redis://127.0.0.1:${sentinel.port}`
  const replicas = await asked(url, (client) => client.call('SENTINEL', 'REPLICAS', NAME))
  return Array.isArray(replicas) && replicas.length === 1
}

async function asked<T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  try {
    return await ask(client)
  } finally {
    client.disconnect()
  }
}
