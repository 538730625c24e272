import { randomBytes } from 'node:crypto'
import { createDatabase, dropDatabase } from './services/database.ts'
import type { DatabaseOptions } from './services/database.ts'

export { startPostgres } from './services/postgres.ts'
export type { PostgresOptions, PostgresServer } from './services/postgres.ts'
export { startRedis } from './services/redis.ts'
export { startRedisCluster } from './services/redis-cluster.ts'
export type { RedisCluster } from './services/redis-cluster.ts'
export type { RedisOptions, RedisServer } from './services/redis.ts'
export { startSentinel } from './services/sentinel.ts'
export type { Sentinel } from './services/sentinel.ts'
export type { DatabaseOptions } from './services/database.ts'

/** A database of a test's own on the run's shared server. */
export interface FreshDatabase {
  readonly url: string
  /** Removes it, and ends whatever is connected to it. */
  drop(): Promise<void>
}

/** The Postgres that all tests of the run share, each in a {@link freshDatabase} of its own. */
export function sharedPostgresUrl(): string {
  return fromEnvironment('TEST_DATABASE_URL')
}

/** The Redis that all tests of the run share, each under a {@link freshPrefix} of its own. */
export function sharedRedisUrl(): string {
  return fromEnvironment('TEST_REDIS_URL')
}

/** Makes a new, empty database on the shared server. */
export async function freshDatabase(options?: DatabaseOptions): Promise<FreshDatabase> {
  const serverUrl = sharedPostgresUrl()
  const url = await createDatabase(serverUrl, options)
  return { url, drop: () => dropDatabase(serverUrl, url) }
}

/** A prefix for Redis keys that no other test uses. */
export function freshPrefix(): string {
  return `test:${randomBytes(8).toString('hex')}:`
}

/** The run's global setup puts the address there, unless whoever started the run had. */
function fromEnvironment(name: string): string {
  const url = process.env[name]
  if (!url) throw new Error(`${name} is not set: run the tests with npm test`)
  return url
}
