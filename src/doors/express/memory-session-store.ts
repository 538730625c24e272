import { sessionOptionChecks } from '../../core/session-options.js'
import { openSessions } from '../../open-sessions.js'
import { OwningStore, type StoreOptions } from './owning-store.js'
import { splitOptions } from './split-options.js'

/** The options of {@link MemorySessionStore}; those of Postgres and Redis change nothing there. */
export type MemorySessionStoreOptions = StoreOptions

/**
 * Sessions in this process's memory, for development and tests: they end with it. Everything else
 * is as in the others.
 */
export class MemorySessionStore extends OwningStore {
  /** @throws {@link InvalidOptionError} */
  constructor(options: MemorySessionStoreOptions = {}) {
    const { engineOptions, storeOptions } = splitOptions(options, sessionOptionChecks)
    super(openSessions({ ...engineOptions, ledger: 'memory' }), storeOptions)
  }
}
