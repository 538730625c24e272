import type { Redis } from 'ioredis'
import { systemClock, type Cancel, type Clock } from '../../core/clock.js'
import { InvalidOptionError } from '../../core/errors.js'
import { Backoff } from './backoff.js'
import { withoutArguments } from './driver-error.js'
import { letGo } from './let-go.js'
import { loadRedisDriver } from './load-driver.js'
import type { RedisConnection } from './redis-client.js'

/** How {@link openRedis} keeps its connection. */
export interface OpenRedisOptions {
  /** How long a command may take before it rejects, ms. Default 1000. */
  readonly commandTimeout?: number | undefined

  /** How long an attempt to connect may take, ms. Default 3000. */
  readonly connectTimeout?: number | undefined

  /** Told why a connection could not be made, or broke. It is made again in any case. */
  readonly onError?: ((error: unknown) => void) | undefined

  readonly clock?: Clock | undefined

  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/**
 * Opens a client to `redis://` or `rediss://`, and connects again for as long as it takes whenever
 * the connection is lost.
 *
 * Without a connection a command rejects at once. None is sent twice, none waits for longer than
 * `commandTimeout`, and nothing keeps the process alive but a command under way and the first
 * attempt to connect.
 *
 * @throws InvalidOptionError where `url` is not such a URL; `client` rejects with one where ioredis
 * is not installed.
 */
export function openRedis(url: string, options: OpenRedisOptions = {}): RedisConnection {
  if (!isRedisUrl(url)) {
    throw new InvalidOptionError(
      'redis',
      'must be a redis:// or rediss:// URL, or an ioredis client',
    )
  }
  const created = createClient(url, options)
  const client = created.then(async ({ redis }) => {
    await redis.connect().catch(toldByErrorEvent)
    return redis
  })
  // Each command that awaits it is told; before the first, nobody is there to be.
  client.catch(() => {})
  const loaded = created.then(() => {})
  loaded.catch(() => {})
  return { client, loaded, close: () => created.then(end, () => {}) }
}

interface Created {
  readonly redis: Redis
  readonly stopReconnecting: Cancel
}

async function createClient(url: string, options: OpenRedisOptions): Promise<Created> {
  const { commandTimeout = 1000, connectTimeout = 3000, onError = () => {} } = options
  const Client = await loadRedisDriver()
  const redis = new Client(url, {
    commandTimeout,
    connectTimeout,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    disconnectTimeout: 250,
    lazyConnect: true,
    // ioredis' own timer would keep the process alive for as long as Redis is away.
    retryStrategy: null,
  })
  redis.on('error', (error) => onError(withoutArguments(error)))
  redis.on('ready', () => letGo(redis))
  return { redis, stopReconnecting: keepConnected(redis, options) }
}

/**
 * Connects again after each end, with decorrelated jitter, so that a fleet does not come back all
 * at once.
 */
function keepConnected(
  redis: Redis,
  { clock = systemClock, random = Math.random }: OpenRedisOptions,
): Cancel {
  const backoff = new Backoff(random)
  let cancel: Cancel = () => {}
  const connect = () => {
    redis.connect().catch(toldByErrorEvent)
    // The socket is there a tick later. Nobody waits for this attempt, so it keeps nothing alive.
    setImmediate(() => letGo(redis))
  }
  const connectLater = () => {
    cancel = clock.schedule(connect, backoff.next())
  }
  redis.on('ready', () => backoff.reset())
  redis.on('end', connectLater)
  return () => {
    redis.off('end', connectLater)
    cancel()
  }
}

async function end({ redis, stopReconnecting }: Created): Promise<void> {
  stopReconnecting()
  if (redis.status === 'end') return
  const ended = new Promise((resolve) => redis.once('end', resolve))
  redis.disconnect()
  await ended
}

function isRedisUrl(url: string): boolean {
  return URL.canParse(url) && ['redis:', 'rediss:'].includes(new URL(url).protocol)
}

/** `connect()` rejects with what the client's `error` event has told already. */
function toldByErrorEvent(): void {}
