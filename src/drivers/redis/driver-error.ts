import { DeadlineError } from '../../core/errors.js'
import { GatheredReads } from './gathered-reads.js'
import type { RedisClient } from './redis-client.js'

/** The commands of a client that a cache sends itself. */
export interface Commands extends Pick<RedisClient, 'get' | 'evalsha' | 'eval' | 'ping'> {
  /** Whether the keys of one command have to be neighbours. */
  readonly isCluster: boolean
}

/**
 * The commands of a client, whose errors do not hold what was sent. That the client has waited for
 * longer than its `commandTimeout` is a {@link DeadlineError}: a reply may come yet.
 */
export function withDiscreetErrors(client: RedisClient): Commands {
  const get = (key: string): Promise<string | null> => discreetly(() => client.get(key))
  const reads = new GatheredReads({
    get,
    mget: (...keys) => discreetly(() => client.mget?.(...keys) ?? Promise.all(keys.map(get))),
  })
  const isCluster = client.nodes !== undefined
  return {
    isCluster,
    get: isCluster ? get : (key) => reads.get(key),
    evalsha: (...args) => discreetly(() => client.evalsha(...args)),
    eval: (...args) => discreetly(() => client.eval(...args)),
    ping: () => discreetly(() => client.ping()),
  }
}

/**
 * Takes what was sent off an error of ioredis: `command.args` are a key, all that a session holds,
 * or the password of the connection. Otherwise the error stays as it is.
 */
export function withoutArguments(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error
  const { command, lastNodeError } = error as DriverError
  // The command may be shared with the driver, and is left as it is.
  if (command) Reflect.set(error, 'command', { name: command.name })
  if (lastNodeError !== error) withoutArguments(lastNodeError)
  return error
}

/** What ioredis adds to an error; `lastNodeError` to that of a Cluster. */
interface DriverError {
  readonly command?: { readonly name?: string } | undefined
  readonly lastNodeError?: unknown
}

async function discreetly<T>(send: () => Promise<T>): Promise<T> {
  const start = performance.now()
  try {
    return await send()
  } catch (error) {
    if (isTimeout(error)) throw new DeadlineError(Math.round(performance.now() - start))
    throw withoutArguments(error)
  }
}

/** Of ioredis's errors this one has nothing to be known by but its message. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out'
}
