import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Redis } from 'ioredis'
import type { SessionOptions } from '../../../../src/core/session-options.js'
import {
  EngineStore,
  MemorySessionStore,
  PrismaSessionStore,
  RedisFirstStore,
  type EngineStoreOptions,
} from '../../../../src/doors/express/index.js'
import { openSessions } from '../../../../src/open-sessions.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { fromPrisma, type PrismaLike } from '../../../../src/drivers/postgres/from-prisma.js'
import { freshDatabase, freshPrefix, sharedRedisUrl } from '../../../services.js'
import type { DatabaseOptions } from '../../../services.js'

/** The options that all stores take. */
export type StoreOptions = SessionOptions & EngineStoreOptions

/** The stores that are tested; `redis-url` opens a client of its own, and `redis-alone` has no Postgres. */
export type StoreKind = 'memory' | 'prisma' | 'redis' | 'redis-url' | 'redis-alone'

/** Redis takes its time on a busy machine, and whether it may is not what is tested. */
const PATIENT: StoreOptions = { redisTimeout: '5s' }

/** A database and a Redis prefix of a test file's own, and the stores over them. */
export interface Shore {
  readonly prisma: PrismaClient
  readonly redis: Redis
  readonly databaseUrl: string

  /** What keys in Redis begin with, until it is emptied. */
  readonly prefix: string

  /** Opens a store, over a Prisma client of one's own where that is given; it is closed with the shore, at the latest. */
  open(kind: StoreKind, options?: StoreOptions, prisma?: PrismaLike): EngineStore

  /** Closes what was opened, and removes what was stored. */
  empty(): Promise<void>
  end(): Promise<void>
}

/** Opens a shore whose tables are there. */
export async function openShore(options?: DatabaseOptions): Promise<Shore> {
  const { url, drop } = await freshDatabase(options)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  const redis = new Redis(sharedRedisUrl())
  await new PostgresLedger({ client: fromPrisma(prisma), createTables: true }).ready()
  const opened: EngineStore[] = []
  let prefix = freshPrefix()
  const close = () => Promise.all(opened.splice(0).map((store) => store.close()))

  const create = (kind: StoreKind, given: StoreOptions, client: PrismaLike): EngineStore => {
    const all = { ...PATIENT, ...given }
    if (kind === 'memory') return new MemorySessionStore(all)
    if (kind === 'prisma') return new PrismaSessionStore(client, all)
    if (kind === 'redis-alone') return openRedisStore(redis, prefix, all)
    return new RedisFirstStore({
      redis: kind === 'redis' ? redis : sharedRedisUrl(),
      prisma: client,
      prefix,
      ...all,
    })
  }
  return {
    prisma,
    redis,
    databaseUrl: url,
    get prefix() {
      return prefix
    },
    open(kind, given = {}, client = prisma) {
      const store = create(kind, given, client)
      opened.push(store)
      return store
    },
    async empty() {
      await close()
      await prisma.$executeRawUnsafe('delete from sessions')
      await prisma.$executeRawUnsafe('delete from session_repairs')
      const keys = await redis.keys(`${prefix}*`)
      if (keys.length > 0) await redis.del(keys)
      prefix = freshPrefix()
    },
    async end() {
      await close()
      await redis.quit()
      await prisma.$disconnect()
      await drop()
    },
  }
}

/** A store over an engine that has nothing but Redis. */
function openRedisStore(redis: Redis, prefix: string, options: StoreOptions): EngineStore {
  const { device, migrateFrom, ...ofEngine } = options
  const store = new EngineStore(openSessions({ redis, prefix, ...ofEngine }), {
    ...(device === undefined ? {} : { device }),
    ...(migrateFrom === undefined ? {} : { migrateFrom }),
  })
  return Object.assign(store, { close: () => store.engine.close() })
}
