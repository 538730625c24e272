import type { Redis } from 'ioredis'
import type { RedisClient } from '../../../../src/drivers/redis/redis-client.js'

/** The script that replaces what is held is the only one of so many keys. */
const KEYS_OF_SWAP = 10

/** What happens around each script that replaces what is held. */
export interface Interposed {
  /** Between what was seen and what is done upon it. */
  readonly before?: () => Promise<unknown>

  /** Between what was done and its reply; what it throws is all that the ledger hears. */
  readonly after?: () => Promise<unknown>

  /** Whether the client got no reply, and sends it again. */
  readonly isResent?: boolean
}

/** The client, with something in between. */
export function interpose(redis: Redis, { before, after, isResent }: Interposed): RedisClient {
  const evalsha = async (...args: Parameters<RedisClient['evalsha']>): Promise<unknown> => {
    const isSwap = args[1] === KEYS_OF_SWAP
    if (isSwap) await before?.()
    const reply = await redis.evalsha(...args)
    if (isSwap) await after?.()
    return isSwap && isResent ? redis.evalsha(...args) : reply
  }
  return {
    get: (key) => redis.get(key),
    eval: (...args) => redis.eval(...args),
    evalsha,
    ping: () => redis.ping(),
    info: (section) => redis.info(section),
    on: (event, listener) => redis.on(event, listener),
    off: (event, listener) => redis.off(event, listener),
  }
}
