import { InvalidOptionError } from '../../core/errors.js'
import { openSessions, openSessionsChecks, type OpenSessionsOptions } from '../../open-sessions.js'
import type { EngineStoreOptions } from './engine-store.js'
import { OwningStore } from './owning-store.js'
import { splitOptions } from './split-options.js'

/** The options of {@link RedisFirstStore}: Redis, one ledger, and what every store takes. */
export interface RedisFirstStoreOptions extends OpenSessionsOptions, EngineStoreOptions {
  readonly redis: NonNullable<OpenSessionsOptions['redis']>
}

/**
 * Sessions that answer from Redis and are durable in Postgres: a request is acknowledged once
 * Postgres has committed, and goes on without Redis where Redis does not answer.
 */
export class RedisFirstStore extends OwningStore {
  /** @throws {@link InvalidOptionError} */
  constructor(options: RedisFirstStoreOptions) {
    const { engineOptions, storeOptions } = splitOptions(options, openSessionsChecks)
    if ((engineOptions.redis as unknown) === undefined) {
      throw new InvalidOptionError('redis', 'must be an ioredis client, a Cluster, or a URL')
    }
    const { prisma, pool, ledger } = engineOptions
    if ([prisma, pool, ledger].every((each) => each === undefined)) {
      throw new InvalidOptionError(
        'ledger',
        'must be given, as prisma, pool or ledger; in Redis alone sessions are by new EngineStore(openSessions({ redis }))',
      )
    }
    super(openSessions(engineOptions), storeOptions)
  }
}
