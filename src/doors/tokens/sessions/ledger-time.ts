import type { SessionEngine } from '../../../engine/session-engine.js'
import { toSessionId } from '../../../core/session-id.js'

/** No session has it: it is asked for the time that comes with the answer. */
const NOBODY = toSessionId('time'.padEnd(43, '-'))

/**
 * Has the ledger tell its time, once: before that `engine.now()` is this machine's, and a process that
 * answers from a cache may live by it for long.
 */
export class LedgerTime {
  readonly #engine: SessionEngine
  #asking: Promise<unknown> | undefined

  constructor(engine: SessionEngine) {
    this.#engine = engine
  }

  /**
   * Resolves once `engine.now()` is the ledger's time.
   *
   * @throws {@link LedgerUnavailableError}; it is asked again at the next call.
   */
  async heard(): Promise<void> {
    this.#asking ??= this.#ask()
    await this.#asking
  }

  async #ask(): Promise<void> {
    try {
      await this.#engine.readListed(NOBODY)
    } catch (error) {
      this.#asking = undefined
      throw error
    }
  }
}
