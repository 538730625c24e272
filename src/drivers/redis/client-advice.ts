import type { RedisClient } from './redis-client.js'

/**
 * What to change in the options of a client that was handed in, a sentence each; nothing for a
 * client whose options can't be seen. Sessions stay right without: they may become slow while Redis
 * is away.
 */
export function adviceFor(client: RedisClient): readonly string[] {
  const { options, isCluster } = client as { options?: ClientOptions; isCluster?: boolean }
  if (options === undefined) return []
  // A Cluster client resends and retries by rules of its own, and gives each node's client its
  // `redisOptions`.
  const ofCommands = isCluster ? options.redisOptions : options
  const wrong: readonly (readonly [boolean, string])[] = [
    [typeof ofCommands?.commandTimeout !== 'number', NO_TIMEOUT],
    [options.enableOfflineQueue !== false, OFFLINE_QUEUE],
    [!isCluster && options.autoResendUnfulfilledCommands !== false, RESENDS],
    [!isCluster && options.maxRetriesPerRequest !== 0, RETRIES],
    [isCluster === true && options.scaleReads !== 'master', REPLICA_READS],
  ]
  return wrong.filter(([isWrong]) => isWrong).map(([, advice]) => advice)
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
