import type { RedisClient } from './redis-client.js'

/**
 * What to change in the options of a client that was handed in, a sentence each; nothing for a client whose options can't be
 * seen. Sessions stay right without: they may become slow while Redis is away.
 */
export function adviceFor(client: RedisClient): readonly string[] {
  const { options } = client as { options?: ClientOptions }
  if (typeof options !== 'object') return []
  // A Cluster gives each node's client its `redisOptions`, and resends and queues by options of its own.
  const ofCommands = options.redisOptions ?? options
  const isCluster = options.redisOptions !== undefined || 'clusterRetryStrategy' in options
  const advice: string[] = []
  if (typeof ofCommands.commandTimeout !== 'number') advice.push(NO_TIMEOUT)
  if (options.enableOfflineQueue !== false) advice.push(OFFLINE_QUEUE)
  if (isCluster) {
    if ((options.scaleReads ?? 'master') !== 'master') advice.push(REPLICA_READS)
    return advice
  }
  if (options.autoResendUnfulfilledCommands !== false) advice.push(RESENDS)
  if (options.maxRetriesPerRequest !== 0) advice.push(RETRIES)
  return advice
}

interface ClientOptions {
  readonly commandTimeout?: unknown
  readonly enableOfflineQueue?: unknown
  readonly autoResendUnfulfilledCommands?: unknown
  readonly maxRetriesPerRequest?: unknown
  readonly redisOptions?: ClientOptions
  readonly scaleReads?: unknown
}

const NO_TIMEOUT =
  'The Redis client has no commandTimeout: set one, or a frozen Redis leaves its commands waiting for ever'
const OFFLINE_QUEUE =
  'The Redis client queues commands while it is not connected: set enableOfflineQueue: false'
const RESENDS =
  'The Redis client sends commands again whose reply was lost: set autoResendUnfulfilledCommands: false'
const RETRIES =
  'The Redis client keeps commands over reconnects: set maxRetriesPerRequest: 0, or a lost reply is waited for'
const REPLICA_READS =
  "The Redis Cluster client reads from replicas, which lag behind: set scaleReads: 'master'"
