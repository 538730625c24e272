import { env } from 'node:process'
import { URL } from 'node:url'
import { Redis } from 'ioredis'
import { fail, isLocalHost } from './database.mjs'

/*
 * The keys of sessions in the Redis of REDIS_URL.
 */

/** How many keys are looked at, and removed, at a time. */
const PAGE = 1000

/** The Redis of REDIS_URL, connected; or `undefined` where there is none. */
export async function openRedis() {
  const url = env.REDIS_URL
  if (!url) return undefined
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    fail('REDIS_URL is no redis:// or rediss:// URL')
  }
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  })
  redis.on('error', () => {})
  const { host = '', port, path, db } = redis.options
  const place = `${path ?? `${host}:${port}`}/${db ?? 0}`
  const text = `Redis at ${place}`
  await orFail(() => redis.connect(), `Nothing was done: ${text} can not be reached`)
  const info = await orFail(
    () => redis.info('cluster'),
    `Nothing was done: ${text} does not answer`,
  )
  if (info.includes('cluster_enabled:1')) {
    fail(`Nothing was done: ${text} is a node of a Cluster, and others hold keys as well`)
  }
  return { redis, text, isLocal: path !== undefined || isLocalHost(host) }
}

/** Removes all keys that begin with this, be they sessions, tombstones or fills; gives their number. */
export async function removeKeys({ redis, text }, prefix) {
  let [cursor, removed] = ['0', 0]
  const failed = `The database was reset, and ${text} was not, or not all of it: try again`
  do {
    const asked = redis.scan(cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', PAGE)
    const [next, keys] = await orFail(() => asked, failed)
    if (keys.length > 0) removed += await orFail(() => redis.unlink(...keys), failed)
    cursor = next
  } while (cursor !== '0')
  return removed
}

/** The text as itself within a glob pattern. */
function escapeGlob(text) {
  return text.replace(/[*?[\]\\^-]/g, '\\$&')
}

async function orFail(task, problem) {
  try {
    return await task()
  } catch (error) {
    return fail(`${problem} (${error.message})`)
  }
}
