import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { openSessions, type SessionEngine } from '../../../src/index.js'
import { startRedis, type RedisServer } from '../../services.js'
import { eventually } from '../../chaos/scene/eventually.js'

const HOUR = 3_600_000
const COOKIE_ID = 'the-id-that-the-cookie-has'
const MARKER = 'the-marker-that-is-in-the-session'
const PASSWORD = 'the-password-of-the-connection'

let server: RedisServer
let admin: Redis
let engine: SessionEngine
let told: unknown[]

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(() => {
  told = []
  admin = new Redis(server.url)
})

afterEach(async () => {
  await admin.config('SET', 'maxmemory', '0')
  await engine.close()
  admin.disconnect()
})

afterAll(() => server.stop())

function open(redis: string): void {
  const log = (...line: unknown[]): void => void told.push(line)
  const logger = { error: log, warn: log, info: log, debug: log }
  engine = openSessions({
    redis,
    ...{ ledger: 'memory', sweepEvery: false, redisTimeout: '1s', hashSessionIds: false, logger },
  })
  engine.on('cache-failure', (event) => void told.push(event))
  engine.on('background-failure', (event) => void told.push(event))
}

/** All that was told, to its last field. */
function all(): string {
  return inspect(told, { depth: Infinity, maxStringLength: Infinity, showHidden: true })
}

describe("the driver's error in an event or a log", () => {
  it('holds neither the session nor its key where Redis is out of memory', async () => {
    open(server.url)
    const id = engine.idOf(COOKIE_ID)!
    await engine.ready()
    await engine.write(id, { content: { v: 1 }, ttl: HOUR, cursor: { base: 'new' } })
    const session = (await engine.read(id))!
    await engine.read(id)
    await admin.config('SET', 'maxmemory', '1')
    const content = { marker: MARKER }
    await engine.write(id, { content, ttl: HOUR, cursor: { base: session } })

    expect(all()).toContain('OOM')
    for (const secret of [COOKIE_ID, MARKER]) expect(all()).not.toContain(secret)
  })

  it('does not hold the key that was read where something else stands there', async () => {
    open(server.url)
    const id = engine.idOf(COOKIE_ID)!
    await engine.ready()
    await admin.del(`session:web:${id}`)
    await admin.hset(`session:web:${id}`, 'a', '1')
    await engine.read(id)

    expect(all()).toContain('WRONGTYPE')
    expect(all()).not.toContain(COOKIE_ID)
  })

  it('holds none of the keys that were read together where that fails', async () => {
    open(server.url)
    await engine.ready()
    await admin.config('SET', 'replica-serve-stale-data', 'no')
    await admin.replicaof('127.0.0.1', '1')
    try {
      await Promise.all([1, 2].map((n) => engine.read(engine.idOf(`${COOKIE_ID} ${n}`)!)))
    } finally {
      await admin.replicaof('NO', 'ONE')
      await admin.config('SET', 'replica-serve-stale-data', 'yes')
    }

    expect(all()).toContain("'mget'")
    expect(all()).not.toContain(COOKIE_ID)
  })

  it('holds none of the keys that one may not read together, and which are read alone then', async () => {
    await admin.call(
      'ACL',
      'SETUSER',
      'single',
      'on',
      '>word',
      '~*',
      '&*',
      '+@all',
      '-mget',
      '-get',
    )
    open(server.url.replace('redis://', 'redis://single:word@'))
    await engine.ready()
    await Promise.all([1, 2].map((n) => engine.read(engine.idOf(`${COOKIE_ID} ${n}`)!)))

    expect(all()).toContain("'get'")
    expect(all()).not.toContain("'mget'")
    expect(all()).not.toContain(COOKIE_ID)
  })

  it('does not hold the password where Redis refuses it', async () => {
    open(server.url.replace('redis://', `redis://nobody:${PASSWORD}@`))
    await eventually(() => all().includes('WRONGPASS'))

    expect(all()).not.toContain(PASSWORD)
  })
})
