import { NearCache } from './caches/near/near-cache.js'
import { adviceFor } from './drivers/redis/client-advice.js'
import { openRedis } from './drivers/redis/open-redis.js'
import { RedisBus, type RedisBusOptions } from './caches/redis/redis-bus.js'
import { RedisCache, type RedisCacheOptions } from './caches/redis/redis-cache.js'
import type { RedisClient, RedisConnection } from './drivers/redis/redis-client.js'
import { CacheUnavailableError, InvalidOptionError, LedgerUnavailableError } from './core/errors.js'
import { createEvents, type EventHub } from './core/events.js'
import type { SessionLedger } from './core/ledger.js'
import { toNearSettings, type NearSettings } from './core/near-options.js'
import { checkOptions, either, objectWith, oneOf, stringUpTo, type Checks } from './core/options.js'
import {
  sessionOptionChecks,
  toEngineSettings,
  type EngineSettings,
  type SessionOptions,
} from './core/session-options.js'
import { SessionEngine } from './engine/session-engine.js'
import type { EngineParts } from './engine/tiers.js'
import { MemoryLedger } from './ledgers/memory/memory-ledger.js'
import { fromPool, type PoolLike } from './drivers/postgres/from-pool.js'
import { fromPrisma, type PrismaLike } from './drivers/postgres/from-prisma.js'
import { PostgresLedger } from './ledgers/postgres/postgres-ledger.js'
import { RedisLedger } from './ledgers/redis/redis-ledger.js'
import type { SqlClient } from './drivers/postgres/sql-client.js'

/**
 * Where sessions are kept: one ledger, and perhaps Redis in front of it; `redis` with no ledger
 * beside it is the ledger itself. A client that is handed in is never closed.
 */
export interface SessionTiers {
  /** An ioredis client, a Cluster, or a URL for a client of our own. */
  readonly redis?: RedisClient | string | undefined

  /** Postgres through a Prisma client, plain or extended. */
  readonly prisma?: PrismaLike | undefined

  /** Postgres through a `pg` pool. */
  readonly pool?: PoolLike | undefined

  /** Any other ledger; `'memory'` for this process's memory, in development and tests. */
  readonly ledger?: SessionLedger | 'memory' | undefined
}

/** The options of {@link openSessions}. */
export interface OpenSessionsOptions extends SessionTiers, SessionOptions {}

/** The checks of {@link OpenSessionsOptions}. */
export const openSessionsChecks: Checks<OpenSessionsOptions> = {
  ...sessionOptionChecks,
  redis: either(
    objectWith('get', 'evalsha', 'eval', 'ping', 'info', 'on', 'off'),
    stringUpTo(2048),
  ),
  prisma: objectWith('$queryRawUnsafe'),
  pool: objectWith('query'),
  ledger: either(objectWith('read', 'commit', 'touch', 'revoke'), oneOf('memory')),
}

/**
 * Opens sessions: the engine that all doors share. It can be used at once; what is asked before its
 * tables are there waits.
 *
 * The caller closes it, with `close()`.
 *
 * @throws {@link InvalidOptionError} for an option that is unknown or malformed, or where there is
 * neither exactly one ledger nor Redis alone.
 */
export function openSessions(options: OpenSessionsOptions): SessionEngine {
  checkOptions(options, openSessionsChecks)
  const settings = toEngineSettings(options)
  const events = createEvents(settings.logger)
  const { redis, prisma, pool, ledger } = options
  const isAlone = prisma === undefined && pool === undefined && ledger === undefined
  const around = { settings, events }
  const tiers =
    redis !== undefined && isAlone
      ? openRedisLedger({ ...options, redis }, around)
      : openTiers(options, around)
  return new SessionEngine({ settings, events, ...tiers })
}

function openTiers(
  options: OpenSessionsOptions,
  { settings, events }: Omit<Surroundings, 'ledger'>,
): Pick<EngineParts, 'ledger' | 'cache' | 'near' | 'loaded'> {
  const ledger = openLedger(options, settings)
  return { ledger, ...openRedisTiers(options, { ledger, settings, events }) }
}

/** What says where rows are in Postgres, or who keeps them beside it. */
const OF_POSTGRES = ['createTables', 'schema', 'table', 'redisElsewhere'] as const

/** Whoever gives one of these meant a Postgres to be there. */
function checkIsAlone(options: OpenSessionsOptions): void {
  const option = OF_POSTGRES.find((each) => Boolean(options[each]))
  if (option !== undefined) {
    throw new InvalidOptionError(option, 'is for Postgres: give prisma or pool as well')
  }
  if (toNearSettings(options.near)) {
    throw new InvalidOptionError(
      'near',
      'needs a ledger besides Redis: give prisma or pool as well',
    )
  }
}

function openRedisLedger(
  options: OpenSessionsOptions & { readonly redis: RedisClient | string },
  { settings, events }: Omit<Surroundings, 'ledger'>,
): Pick<EngineParts, 'ledger' | 'loaded'> {
  checkIsAlone(options)
  const { redis, prefix } = options
  const { context, clock, logger, ledgerTimeout } = settings
  const { client, close, loaded } = connect(redis, {
    settings,
    tier: { ledger: 'redis' },
    // Nobody waits for it any more by then.
    commandTimeout: ledgerTimeout,
    onError: (cause) => {
      events.emit('ledger-failure', {
        error: new LedgerUnavailableError('redis', 'connect', cause),
      })
    },
  })
  const ledger = new RedisLedger({
    ...{ client, close, prefix, context, clock },
    onCorrupt: (id, problem) => {
      events.emit('corrupt-record', { id, tier: 'redis', problem })
    },
    onAdvice: (advice) => {
      logger.warn({ ledger: 'redis' }, advice)
    },
  })
  return { ledger, loaded }
}

function openLedger(options: OpenSessionsOptions, settings: EngineSettings): SessionLedger {
  const { prisma, pool, ledger, schema, table, createTables } = options
  const { context, clock } = settings
  const given = [prisma, pool, ledger].filter((each) => each !== undefined)
  if (given.length !== 1) {
    throw new InvalidOptionError(
      'ledger',
      `must be given exactly once, as prisma, pool or ledger; there are ${given.length}`,
    )
  }
  const openPostgres = (client: SqlClient): SessionLedger =>
    new PostgresLedger({ client, context, schema, table, createTables, clock })
  if (prisma) return openPostgres(fromPrisma(prisma))
  if (pool) return openPostgres(fromPool(pool))
  return typeof ledger === 'object' ? ledger : new MemoryLedger({ context, clock })
}

/** What Redis is opened beside. */
interface Surroundings {
  readonly ledger: SessionLedger
  readonly settings: EngineSettings
  readonly events: EventHub
}

function openRedisTiers(
  options: OpenSessionsOptions,
  around: Surroundings,
): Pick<EngineParts, 'cache' | 'near' | 'loaded'> {
  const { redis } = options
  const near = toNearSettings(options.near)
  if (redis === undefined) {
    if (near) throw new InvalidOptionError('near', 'needs redis, which tells of every change')
    return {}
  }
  if (near) checkBusClient(redis)
  const { client, close, loaded } = connectCache(redis, around)
  const cache = openCache({ ...options, client, close }, around)
  return { cache, loaded, near: near && openNear(near, { ...around, client, cache }) }
}

function openCache(
  { client, close, prefix, schema, table }: OpenSessionsOptions & RedisCacheOptions,
  { ledger, settings, events }: Surroundings,
): RedisCache {
  const { context, clock, logger } = settings
  return new RedisCache({
    ...{ client, close, prefix, context, schema, table, clock },
    now: () => ledger.now(),
    onCorrupt: (id, problem) => {
      events.emit('corrupt-record', { id, tier: 'redis', problem })
    },
    onUntold: (err) => {
      logger.warn({ cache: 'redis', err }, RUN_UNTOLD)
    },
  })
}

function openNear(
  near: NearSettings,
  { client, cache, ledger, settings, events }: Surroundings & OpenedRedis,
): NonNullable<EngineParts['near']> {
  const { clock } = settings
  const onError = (cause: unknown): void => {
    events.emit('cache-failure', { error: new CacheUnavailableError('redis', 'tell', cause) })
  }
  // `checkBusClient` has seen to it.
  const busClient = client as unknown as RedisBusOptions['client']
  const bus = new RedisBus({ client: busClient, channel: cache.channel, clock, onError })
  return { bus, tier: new NearCache({ bus, clock, now: () => ledger.now(), ...near }) }
}

interface OpenedRedis {
  readonly client: RedisCacheOptions['client']
  readonly cache: RedisCache
}

/** A client that is no ioredis may do for a cache, and not for a bus: only `near` needs that. */
function checkBusClient(redis: RedisClient | string): void {
  if (typeof redis === 'string' || !objectWith('duplicate')(redis)) return
  throw new InvalidOptionError('near', 'needs an ioredis client, a Cluster, or a URL')
}

function connectCache(redis: RedisClient | string, { settings, events }: Surroundings): Connected {
  return connect(redis, {
    settings,
    tier: { cache: 'redis' },
    // Nobody waits for it any more by then; where it is shorter, it takes from `redisTimeout`.
    commandTimeout: Math.max(1_000, 2 * settings.redisTimeout),
    onError: (cause) => {
      events.emit('cache-failure', { error: new CacheUnavailableError('redis', 'connect', cause) })
    },
  })
}

type Connected = Omit<Partial<RedisConnection>, 'client'> & {
  readonly client: RedisClient | Promise<RedisClient>
}

/** What a client of our own is opened with, and what stands in the log beside advice for another. */
interface Connecting {
  readonly settings: EngineSettings
  readonly tier: Readonly<Record<string, string>>
  readonly commandTimeout: number
  readonly onError: (cause: unknown) => void
}

function connect(
  redis: RedisClient | string,
  { settings, tier, commandTimeout, onError }: Connecting,
): Connected {
  const { clock, logger } = settings
  if (typeof redis === 'string') return openRedis(redis, { onError, commandTimeout, clock })
  for (const advice of adviceFor(redis)) logger.warn(tier, advice)
  return { client: redis }
}

const RUN_UNTOLD =
  'Redis does not tell its run_id: a restart from an older snapshot is noticed only after a minute. Allow INFO'
