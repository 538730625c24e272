import { ensureInstalled } from './services/binaries.ts'
import { startPostgres } from './services/postgres.ts'
import { makePostgresTemplate } from './services/postgres-template.ts'
import { startRedis } from './services/redis.ts'
import { sharedServers } from './services/shared.ts'

/** Starts one Postgres and one Redis for the whole run, but for those whose address is given. */
export default async function globalSetup(): Promise<void> {
  if (!process.env['TEST_DATABASE_URL']) {
    ensureInstalled(['postgres', 'initdb'])
    const template = await makePostgresTemplate()
    sharedServers.push(template)
    process.env['TEST_POSTGRES_TEMPLATE'] = template.folder
    const postgres = await startPostgres()
    sharedServers.push(postgres)
    process.env['TEST_DATABASE_URL'] = postgres.url
  }
  if (!process.env['TEST_REDIS_URL']) {
    ensureInstalled(['redis-server'])
    const redis = await startRedis()
    sharedServers.push(redis)
    process.env['TEST_REDIS_URL'] = redis.url
  }
}
