import { openSessions } from '../../open-sessions.js'
import type { PrismaSessionStoreOptions } from './prisma-session-store.js'
import { EngineStore } from './engine-store.js'
import { splitOptions } from './split-options.js'

/** Sessions in this process's memory, for development and tests: they end with it. Everything else is as in the others. */
export class MemorySessionStore extends EngineStore {
  /** @throws {@link InvalidOptionError} */
  constructor(options: PrismaSessionStoreOptions = {}) {
    const { engineOptions, storeOptions } = splitOptions(options)
    super(openSessions({ ...engineOptions, ledger: 'memory' }), storeOptions)
  }

  /** Stops the schedule. Idempotent. */
  override close(): Promise<void> {
    return this.engine.close()
  }
}
