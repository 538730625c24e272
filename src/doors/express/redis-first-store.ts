import { InvalidOptionError } from '../../core/errors.js'
import { openSessions, type OpenSessionsOptions } from '../../open-sessions.js'
import { EngineStore, type EngineStoreOptions } from './engine-store.js'
import { splitOptions } from './split-options.js'

/** The options of {@link RedisFirstStore}: Redis, one ledger, and what every store takes. */
export interface RedisFirstStoreOptions extends OpenSessionsOptions, EngineStoreOptions {
  readonly redis: NonNullable<OpenSessionsOptions['redis']>
}

/**
 * Sessions that answer from Redis and are durable in Postgres: a request is acknowledged once Postgres has committed, and goes on
 * without Redis where Redis does not answer.
 */
export class RedisFirstStore extends EngineStore {
  /** @throws {@link InvalidOptionError} */
  constructor(options: RedisFirstStoreOptions) {
    const { engineOptions, storeOptions } = splitOptions(options)
    if ((engineOptions.redis as unknown) === undefined) {
      throw new InvalidOptionError('redis', 'must be an ioredis client, a Cluster, or a URL')
    }
    super(openSessions(engineOptions), storeOptions)
  }

  /** Persists what is buffered, and closes what this store opened; clients that were handed in stay open. Idempotent. */
  override close(): Promise<void> {
    return this.engine.close()
  }
}
