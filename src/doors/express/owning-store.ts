import type { SessionOptions } from '../../core/session-options.js'
import { EngineStore, type EngineStoreOptions } from './engine-store.js'

/** What a store with an engine of its own takes. */
export interface StoreOptions extends SessionOptions, EngineStoreOptions {}

/** A store over an engine that it opened itself, and closes. */
export class OwningStore extends EngineStore {
  /**
   * Ends what is under way, persists what is buffered, and closes what the store opened; clients
   * that were handed in stay open. Idempotent.
   */
  override close(): Promise<void> {
    return this.engine.close()
  }
}
