import { loadRedisDriver } from '../../drivers/redis/load-driver.js'
import { openRedis } from '../../drivers/redis/open-redis.js'
import type { RedisConnection } from '../../drivers/redis/redis-client.js'
import type { PoolLike } from '../../drivers/postgres/from-pool.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import { openSessions } from '../../open-sessions.js'
import { readEncryptionSecrets, readStorageVariables, refuseVariable } from './environment.js'
import { engineLogger, type Reporter } from './logger.js'

/** An engine, and what closes it with all that was opened for it. */
export interface OpenedEngine {
  readonly engine: SessionEngine
  readonly close: () => Promise<void>
}

/**
 * Opens the engine that the environment describes: Postgres with Redis in front of it, either of them
 * alone, or memory in development.
 *
 * @throws {@link SessionError} of the type SYSTEM_ERROR, which names the variable.
 */
export async function openEnvironmentEngine(reporter: Reporter): Promise<OpenedEngine> {
  const { databaseUrl, redisUrl: redis, isProduction } = readStorageVariables()
  const options = { encryption: readEncryptionSecrets(), logger: engineLogger(reporter) }
  if (redis !== undefined) await checkRedisDriver()
  if (databaseUrl !== undefined) {
    const { pool, end } = await openPool(databaseUrl, reporter)
    const engine = openSessions({ ...options, redis, pool, createTables: !isProduction })
    return { engine, close: () => engine.close().finally(end) }
  }
  if (redis === undefined && isProduction) {
    refuseVariable('DATABASE_URL', 'is required in production, or REDIS_URL')
  }
  const engine = openSessions({ ...options, ...(redis ? { redis } : { ledger: 'memory' }) })
  return { engine, close: () => engine.close() }
}

/** A client for rate limits, so that all processes count together; `undefined` without `REDIS_URL`. */
export function openLimitsRedis(): RedisConnection | undefined {
  const { redisUrl } = readStorageVariables()
  return redisUrl === undefined ? undefined : openRedis(redisUrl)
}

/** How long Postgres may take to let somebody in, ms. */
const CONNECT_WITHIN = 5_000

/** Ten connections, none of which keeps the process alive. */
async function openPool(
  connectionString: string,
  reporter: Reporter,
): Promise<{ pool: PoolLike; end: () => Promise<void> }> {
  const Pool = await loadPool()
  const pool = new Pool({
    ...{ connectionString, max: 10, allowExitOnIdle: true },
    // A server that takes a connection and says nothing would keep the process alive.
    connectionTimeoutMillis: CONNECT_WITHIN,
  })
  // A connection that nobody uses may break; the next statement has another.
  pool.on('error', (error) => {
    reporter.tell('debug', 'An idle connection to Postgres broke', { name: error.name })
  })
  return { pool, end: () => pool.end() }
}

/** Without it, sessions would go on in Postgres alone, and each call would be told as an outage of Redis. */
async function checkRedisDriver(): Promise<void> {
  try {
    await loadRedisDriver()
  } catch {
    refuseVariable('REDIS_URL', 'needs ioredis, outside of any bundle: npm install ioredis')
  }
}

async function loadPool() {
  try {
    const { Pool } = await import('pg')
    return Pool
  } catch {
    return refuseVariable('DATABASE_URL', 'needs pg: npm install pg')
  }
}
