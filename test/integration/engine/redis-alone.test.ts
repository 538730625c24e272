import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { SessionData } from 'express-session'
import { EngineStore, RedisFirstStore } from '../../../src/doors/express/index.js'
import { openSessions, type SessionEngine, type SessionEvents } from '../../../src/index.js'
import type { OpenSessionsOptions } from '../../../src/open-sessions.js'
import { eventually } from '../../chaos/scene/eventually.js'
import { freshPrefix, sharedRedisUrl, startRedis, type RedisServer } from '../../services.js'

const COOKIE_ID = 'the-id-that-the-cookie-has'
const MARKER = 'the-marker-that-is-in-the-session'
const CONTENT = { marker: MARKER }

/** A client of whose own options there is nothing to say. */
const RIGHT = {
  lazyConnect: true,
  commandTimeout: 1_000,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} as const

let redis: Redis
let engines: SessionEngine[]
let told: unknown[][]

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
})

beforeEach(() => {
  engines = []
  told = []
})

afterEach(() => Promise.all(engines.map((engine) => engine.close())))
afterAll(() => redis.disconnect())

function open(options: OpenSessionsOptions): SessionEngine {
  const log = (...line: unknown[]): void => void told.push(line)
  const logger = { error: log, warn: log, info: log, debug: log }
  const engine = openSessions({ logger, sweepEvery: false, prefix: freshPrefix(), ...options })
  engines.push(engine)
  return engine
}

/** A session that is written for the first time; its cursor moves on. */
function aWrite(ttl = 60_000): Parameters<SessionEngine['write']>[1] {
  return { content: CONTENT, ttl, cursor: { base: 'new' } }
}

/** What was said to the logger. */
function lines(): string[] {
  return told.map(([, message]) => String(message))
}

describe('sessions in Redis alone', () => {
  it('are in the ledger, and there is no cache', async () => {
    const engine = open({ redis })
    const id = engine.idOf(COOKIE_ID)!

    await engine.write(id, aWrite())

    expect(await engine.read(id)).toMatchObject({ content: CONTENT, tier: 'redis' })
    const { cache, ledger, status } = await engine.health()
    expect({ cache, name: ledger.name, status }).toEqual({
      cache: undefined,
      name: 'redis',
      status: 'ok',
    })
  })

  it('are there for another process, and ended for it', async () => {
    const prefix = freshPrefix()
    const [one, other] = [open({ redis, prefix }), open({ redis: sharedRedisUrl(), prefix })]
    const id = one.idOf(COOKIE_ID)!
    await one.write(id, aWrite())
    expect(await other.read(id)).toMatchObject({ content: CONTENT })

    await other.remove(id)

    expect(await one.read(id)).toBeUndefined()
  })

  it('are told of where a value is corrupt', async () => {
    const prefix = freshPrefix()
    const engine = open({ redis, prefix })
    const events: SessionEvents['corrupt-record'][] = []
    engine.on('corrupt-record', (event) => events.push(event))
    const id = engine.idOf(COOKIE_ID)!
    await redis.set(`${prefix}web@session:${id}`, 'something else')

    expect(await engine.read(id)).toBeUndefined()
    expect(events).toEqual([{ id, tier: 'redis', problem: 'its kind is unknown' }])
  })

  it('are swept by the engine, batch by batch', async () => {
    const engine = open({ redis, sweepBatch: 2 })
    for (const sid of ['a', 'b', 'c', 'd', 'e']) {
      await engine.write(engine.idOf(sid)!, aWrite(1))
    }

    await eventually(async () => (await engine.stats()).active === 0)

    expect((await engine.sweep()).removed).toBe(5)
    expect(await engine.stats()).toMatchObject({ active: 0, expired: 0, revoked: 0 })
  })
})

describe('a store that follows one in Redis alone', () => {
  it('adopts its sessions, in the same Redis and under the same prefix', async () => {
    const prefix = freshPrefix()
    const before = new EngineStore(open({ redis, prefix }))
    await before.set(COOKIE_ID, JSON.parse('{"cookie":{},"userId":"ada"}') as SessionData)
    const store = new RedisFirstStore({
      ...{ redis, prefix, ledger: 'memory', migrateFrom: before, redisTimeout: '5s' },
    })
    engines.push(store.engine)

    expect(await store.get(COOKIE_ID)).toMatchObject({ userId: 'ada' })
    expect(await store.sessionsOf('ada')).toHaveLength(1)
    expect(await before.get(COOKIE_ID)).toBeNull()
    expect(await store.get(COOKIE_ID)).toMatchObject({ userId: 'ada' })
  })
})

describe('a Redis that is the only place', () => {
  it('is closed where it was given by its URL, and left open where a client was handed in', async () => {
    const server = await startRedis()
    const admin = new Redis(server.url)
    const connections = async (): Promise<number> =>
      String(await admin.client('LIST'))
        .trim()
        .split('\n').length
    const engine = open({ redis: server.url })
    await engine.ready()
    expect(await connections()).toBe(2)

    await engine.close()
    await eventually(async () => (await connections()) === 1)
    admin.disconnect()
    await server.stop()

    const handed = open({ redis })
    await handed.ready()
    await handed.close()
    expect(await redis.ping()).toBe('PONG')
  })

  it('is ready as soon as it answers, and says before that it does not', async () => {
    const server = await startRedis()
    await server.kill()
    const engine = open({ redis: server.url })
    const failures: unknown[] = []
    engine.on('ledger-failure', ({ error }) => failures.push(error.operation))

    await expect(engine.ready()).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })
    expect(failures).toContain('connect')
    await server.restart()
    await eventually(() => engine.ready().then(() => true))

    await engine.close()
    await server.stop()
  })

  it('puts nothing of what a session holds, or of its id, into an error', async () => {
    const server = await startRedis()
    const engine = open({ redis: server.url, hashSessionIds: false })
    await engine.ready()
    const admin = new Redis(server.url)
    await admin.config('SET', 'maxmemory', '1')

    const refused = await engine
      .write(engine.idOf(COOKIE_ID)!, aWrite())
      .catch((error: unknown) => error)

    expect(refused).toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE', operation: 'commit' })
    const all = inspect([refused, told], {
      depth: Infinity,
      maxStringLength: Infinity,
      showHidden: true,
    })
    expect(all).toContain('OOM')
    for (const secret of [COOKIE_ID, MARKER]) expect(all).not.toContain(secret)
    admin.disconnect()
    await engine.close()
    await server.stop()
  })
})

describe('the settings of a Redis that is the only place', () => {
  let server: RedisServer
  let admin: Redis

  beforeAll(async () => {
    server = await startRedis()
    admin = new Redis(server.url)
  })

  beforeEach(() => admin.config('SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'no'))

  afterAll(async () => {
    admin.disconnect()
    await server.stop()
  })

  it('are told of once where it throws out what is in its memory, or keeps nothing on disk', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const engine = open({ redis: server.url })

    await engine.ready()
    await eventually(() => told.length >= 2)
    await engine.ready()
    await engine.read(engine.idOf(COOKIE_ID)!)

    expect(lines()).toEqual([
      expect.stringContaining('maxmemory-policy allkeys-lru'),
      expect.stringContaining('appendonly yes'),
    ])
  })

  it('are not told of where they lose nothing', async () => {
    await admin.config('SET', 'appendonly', 'yes')

    expect(await linesOf(new Redis(server.url, RIGHT))).toEqual([])
  })

  it('are not told of where the user may not ask', async () => {
    await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-info')
    const user = { username: 'app', password: 'secret', enableReadyCheck: false }

    expect(await linesOf(new Redis(server.url, { ...RIGHT, ...user }))).toEqual([])
  })

  /** What is said of a server by the time at which all that it was asked is answered. */
  async function linesOf(client: Redis): Promise<readonly string[]> {
    await client.connect()
    await open({ redis: client }).ready()
    await client.ping()
    await setImmediate()
    client.disconnect()
    return lines()
  }
})

describe('a user with few rights', () => {
  it('needs these, below the prefix', async () => {
    const server = await startRedis()
    const admin = new Redis(server.url)
    const rights = [
      '+@read',
      '+@write',
      '-@dangerous',
      '+eval',
      '+evalsha',
      '+time',
      '+ping',
      '+info',
    ]
    await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~session:*', ...rights)
    const url = new URL(server.url)
    url.username = 'app'
    url.password = 'secret'
    const engine = open({ redis: url.href, prefix: 'session:', userId: () => 'ada' })
    const id = engine.idOf(COOKIE_ID)!

    await engine.ready()
    await engine.write(id, aWrite())
    engine.touch((await engine.read(id))!, 120_000)
    expect(await engine.list({ userId: 'ada' })).toHaveLength(1)
    expect(await engine.stats()).toMatchObject({ active: 1, users: 1 })
    expect(await engine.removeUser('ada')).toBe(1)
    expect(await engine.sweep()).toMatchObject({ removed: 0 })

    await engine.close()
    expect(lines().filter((line) => /NOPERM|could not/.test(line))).toEqual([])
    admin.disconnect()
    await server.stop()
  })
})
