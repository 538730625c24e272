import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Pool } from 'pg'
import {
  EngineStore,
  MemorySessionStore,
  PrismaSessionStore,
  RedisFirstStore,
} from '../../../../src/doors/express/index.js'
import { MemoryLedger } from '../../../../src/ledgers/memory/memory-ledger.js'
import { openSessions } from '../../../../src/open-sessions.js'
import { sharedRedisUrl } from '../../../services.js'
import { openSite } from './site.js'
import { openShore, type Shore } from './stores.js'

let shore: Shore
let pool: Pool

beforeAll(async () => {
  shore = await openShore()
  pool = new Pool({ connectionString: shore.databaseUrl, max: 2 })
})

afterEach(() => shore.empty())

afterAll(async () => {
  await pool.end()
  await shore.end()
})

/** Counts two visits, and closes the store. */
async function countTwice(store: EngineStore): Promise<unknown> {
  const site = await openSite({ store })
  try {
    const visitor = site.visitor()
    await visitor.put({ visits: 1 })
    await visitor.put({ visits: 2 })
    return await visitor.content()
  } finally {
    await site.close()
    await store.close()
  }
}

const redisFirst = () => ({
  redis: shore.redis,
  prefix: shore.prefix,
  redisTimeout: '5s' as const,
})

describe('sessions are kept', () => {
  it('through a Prisma client that was extended', async () => {
    const statements: string[] = []
    const extended = shore.prisma.$extends({
      query: {
        $allOperations({ operation, args, query }) {
          statements.push(operation)
          return query(args)
        },
      },
      model: { session: { harbour: () => 'extended' } },
    })

    expect(await countTwice(new PrismaSessionStore(extended))).toEqual({ visits: 2 })
    expect(await countTwice(new RedisFirstStore({ ...redisFirst(), prisma: extended }))).toEqual({
      visits: 2,
    })

    expect(new Set(statements)).toEqual(new Set(['$queryRawUnsafe']))
  })

  it('through a pool of pg', async () => {
    expect(await countTwice(new RedisFirstStore({ ...redisFirst(), pool }))).toEqual({ visits: 2 })
    await expect(pool.query('select 1')).resolves.toBeDefined()
  })

  it('in a ledger of one’s own', async () => {
    const ledger = new MemoryLedger()
    expect(await countTwice(new RedisFirstStore({ ...redisFirst(), ledger }))).toEqual({
      visits: 2,
    })
    expect((await ledger.stats()).active).toBe(1)
  })

  it('in an engine that other doors share, which the store does not close', async () => {
    const engine = openSessions({ prisma: shore.prisma })
    try {
      const store = new EngineStore(engine, { device: false })

      expect(await countTwice(store)).toEqual({ visits: 2 })

      expect(store.engine).toBe(engine)
      expect(await engine.list()).toHaveLength(1)
    } finally {
      await engine.close()
    }
  })

  it('in memory', async () => {
    expect(await countTwice(new MemorySessionStore())).toEqual({ visits: 2 })
  })
})

describe('what is closed with a store', () => {
  it('is no client that was handed in', async () => {
    const store = new RedisFirstStore({ ...redisFirst(), prisma: shore.prisma })
    await store.ready()
    await store.close()

    expect(await shore.redis.ping()).toBe('PONG')
    await expect(shore.prisma.session.count()).resolves.toBe(0)
  })

  it('is the connection that it opened to a URL', async () => {
    const name = `store-${randomUUID()}`
    const isConnected = async () => String(await shore.redis.client('LIST')).includes(name)
    const redis = `${sharedRedisUrl()}?connectionName=${name}`
    const store = new RedisFirstStore({ ...redisFirst(), redis, prisma: shore.prisma })
    await store.get('nobody')
    expect(await isConnected()).toBe(true)

    await store.close()

    // Redis may answer this client before it reads that the other has hung up.
    while (await isConnected()) await turn()
  })
})
