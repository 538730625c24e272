import { systemClock } from '../../../core/clock.js'
import type { SessionOptions } from '../../../core/session-options.js'
import { withDeadline } from '../../../engine/deadline.js'
import { openSessions } from '../../../open-sessions.js'
import { checkDatabaseUrl, checkRedisUrl, isLocalDatabase, warnOnce } from '../environment.js'
import type { EngineUserManager } from './engine-user-manager.js'
import { EnvironmentError } from '../errors.js'
import type { ManagerSessionOptions, ResolvedConfiguration } from './manager-configuration.js'
import { MockUserManager } from './mock-user-manager.js'
import { PostgreSQLUserAdapter } from '../repositories/postgresql-user-adapter.js'
import { closePrismaClient, getPrismaClient } from '../prisma-singleton.js'
import { ProductionUserManager } from './production-user-manager.js'
import { isRedisDriverThere } from './redis-driver.js'

/**
 * Makes the manager of a configuration. Production takes nothing but Postgres and Redis; in
 * development both have to be named, or it is a mock.
 *
 * @throws {@link EnvironmentError} for a variable that is missing, malformed or refused;
 * {@link UsersUnavailableError} or {@link LedgerUnavailableError} where Postgres does not answer.
 */
export async function createManager(config: ResolvedConfiguration): Promise<EngineUserManager> {
  const { environment, databaseUrl, redisUrl, isMockForced } = config
  if (environment === 'production') {
    if (isMockForced) throw new EnvironmentError('FORCE_MOCK_MODE', 'is refused in production')
    if (!databaseUrl) throw new EnvironmentError('DATABASE_URL', 'is required in production')
    if (!redisUrl) throw new EnvironmentError('REDIS_URL', 'is required in production')
    return createStored(config, { databaseUrl, redisUrl })
  }
  if (environment === 'development' && !isMockForced && databaseUrl && redisUrl) {
    return createStored(config, { databaseUrl, redisUrl })
  }
  return createMock(config)
}

function createMock({ databaseUrl, sessions, limits }: ResolvedConfiguration): MockUserManager {
  if (databaseUrl && !isLocalDatabase(databaseUrl)) {
    warnOnce('HOLDFAST_MOCK_BESIDE_DATABASE', MOCK_BESIDE_DATABASE)
  }
  // What only servers have means nothing here.
  const { near: _near, redisElsewhere: _redisElsewhere, ...options } = sessions
  return new MockUserManager({ ...options, ...limits })
}

interface Urls {
  readonly databaseUrl: string
  readonly redisUrl: string
}

async function createStored(
  { environment, prisma: client, sessions, limits }: ResolvedConfiguration,
  { databaseUrl, redisUrl }: Urls,
): Promise<ProductionUserManager> {
  checkDatabaseUrl(databaseUrl)
  checkRedisUrl(redisUrl)
  const isProduction = environment === 'production'
  const hasRedis = isProduction || (await isRedisDriverThere())
  const config = { ...client, databaseUrl }
  const prisma = getPrismaClient(config)
  const closing: (() => Promise<void>)[] = [() => closePrismaClient(config)]
  const close = async (): Promise<void> => {
    for (const each of closing.toReversed()) await each()
  }
  try {
    const place = placeOf(sessions, { databaseUrl, isProduction })
    const tiers = hasRedis ? { prisma, redis: redisUrl } : { prisma, near: false }
    const engine = openSessions({ ...sessions, ...place, ...tiers })
    closing.push(() => engine.close())
    const { table, context, ledgerTimeout: timeout } = sessions
    const users = new PostgreSQLUserAdapter(prisma, { table, context, timeout, ...place })
    await Promise.all([engine.ready(), users.ready()])
    return new ProductionUserManager({ engine, users, ...limits, close })
  } catch (error) {
    // A server that says nothing does not take leave either.
    await withDeadline(close(), LONGEST_GOODBYE, systemClock).catch(ignore)
    throw error
  }
}

/** Where the tables are: where Prisma's own queries would go, unless it is said otherwise. */
function placeOf(
  sessions: ManagerSessionOptions,
  { databaseUrl, isProduction }: { databaseUrl: string; isProduction: boolean },
): Pick<SessionOptions, 'schema' | 'createTables'> {
  const { createTables = !isProduction } = sessions
  if (sessions.schema !== undefined) return { createTables, schema: sessions.schema }
  const schema = new URL(databaseUrl).searchParams.get('schema')
  // The one where everybody goes who is not sent elsewhere.
  return schema === null || schema === 'public' ? { createTables } : { createTables, schema }
}

const LONGEST_GOODBYE = 1_000

/** What went wrong before is what is told. */
function ignore(): void {
  return undefined
}

const MOCK_BESIDE_DATABASE =
  'DATABASE_URL names a database on another machine, and users and sessions are in memory: set NODE_ENV'
