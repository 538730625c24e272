import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import {
  openSessions,
  type OpenSessionsOptions,
  type SessionEngine,
} from '../../../../src/index.js'
import { MemoryLedger } from '../../../../src/ledgers/memory/memory-ledger.js'
import { ChaosLedger } from '../../../../src/testing/chaos-ledger.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { freshPrefix, startRedis, type RedisServer } from '../../../services.js'

const HOUR = 3_600_000
const SESSIONS = 8

let server: RedisServer
let ledger: ChaosLedger

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(() => {
  ledger = new ChaosLedger(new MemoryLedger())
})

afterAll(() => server.stop())

describe('while the ledger is out of reach, a Redis', () => {
  it('is trusted again after the process was paused for longer than a command may take', async () => {
    const engine = open({ redis: server.url })
    const read = await begin(engine)
    ledger.chaos.fail()
    const reading = read()
    await new Promise((sent) => setImmediate(sent))
    block(1_500)
    await reading

    await eventually(() => isRedis(read), 5_000)
    ledger.chaos.heal()
    await engine.close()
  })

  it('is trusted again after a moment which was longer than its client waits', async () => {
    const redis = new Redis(server.url, { commandTimeout: 30 })
    const engine = open({ redis })
    const read = await begin(engine)
    ledger.chaos.fail()
    await server.freeze()
    await read()
    await server.thaw()

    await eventually(() => isRedis(read), 5_000)
    ledger.chaos.heal()
    await engine.close()
    redis.disconnect()
  })
})

describe('a frozen Redis', () => {
  it('is waited for as long as redisTimeout says, be that longer than a second', async () => {
    const engine = open({ redis: server.url, redisTimeout: 1_500 })
    const read = await begin(engine)
    const errors: unknown[] = []
    engine.on('cache-failure', ({ error }) => errors.push(error.cause))
    await server.freeze()
    await read()
    await eventually(() => errors.length > 0, 5_000)
    await server.thaw()

    expect(errors[0]).toMatchObject({ name: 'DeadlineError', timeout: 1_500 })
    await engine.close()
  })
})

function open(options: Partial<OpenSessionsOptions>): SessionEngine {
  return openSessions({ ...options, ledger, prefix: freshPrefix() })
}

/** Begins sessions that Redis holds; answers how to read them all, and by which tier each is answered. */
async function begin(engine: SessionEngine): Promise<() => Promise<unknown[]>> {
  const ids = Array.from({ length: SESSIONS }, (_, n) => engine.idOf(`session ${n} of patience`)!)
  for (const id of ids) {
    await engine.write(id, { content: { id }, ttl: HOUR, cursor: { base: 'new' } })
  }
  const read = () =>
    Promise.all(
      ids.map(async (id) => {
        const session = await engine.read(id).catch((error: unknown) => error as Error)
        return session && ('tier' in session ? session.tier : session.name)
      }),
    )
  await eventually(() => isRedis(read), 5_000)
  return read
}

/** Whether all are answered by Redis. */
async function isRedis(read: () => Promise<unknown[]>): Promise<boolean> {
  return (await read()).every((tier) => tier === 'redis')
}

/** Nothing else happens in this process for so long. ms. */
function block(duration: number): void {
  const until = performance.now() + duration
  while (performance.now() < until);
}
