import { RedisFirstStore, type RedisFirstStoreOptions } from '../../../src/doors/express/index.js'
import { recommended, type ClientKind } from './redis-clients.js'
import { startApp, type SessionsApp } from './sessions-app.js'

/** One process's worth of an application: its Redis client, store and app. */
export interface House extends SessionsApp {
  readonly store: RedisFirstStore
  /** The state of the circuit breaker before Redis. */
  readonly breaker: 'open' | 'half-open' | 'closed'
}

/** How a {@link House} is opened. */
export interface HouseOptions extends Omit<RedisFirstStoreOptions, 'redis'> {
  readonly redisUrl: string
  readonly client?: ClientKind
}

/** Opens a store with a Redis client of its own, and an app over it. */
export async function openHouse({
  redisUrl,
  client = recommended,
  ...options
}: HouseOptions): Promise<House> {
  const { redis, end } = await client.open(redisUrl)
  const store = new RedisFirstStore({ ...options, redis })
  const app = await startApp(store)
  let breaker: House['breaker'] = 'closed'
  store.engine.on('cache-state', ({ state }) => (breaker = state))
  return {
    ...app,
    store,
    get breaker() {
      return breaker
    },
    async close() {
      await app.close()
      await store.close()
      end()
    },
  }
}
