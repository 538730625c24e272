import type { SessionCache } from '../core/cache.js'
import type { Clock } from '../core/clock.js'
import { MAX_VERSION } from '../core/ledger.js'
import type { SessionId } from '../core/session-id.js'
import { LateCalls } from './late-calls.js'
import { Untold } from './untold.js'

const MOST_LATE = 1_000

/**
 * Has the cache forget what may be old, past the circuit breaker: a cache is mended before it is
 * trusted. A thousand calls are unanswered at most.
 */
export class CacheRepairs {
  readonly untold = new Untold()
  readonly #late: LateCalls

  constructor(
    private readonly options: {
      readonly cache: SessionCache
      readonly timeout: number
      readonly clock: Clock
    },
  ) {
    this.#late = new LateCalls(options.clock, MOST_LATE)
  }

  /** Has a session forgotten up to a version. Rejects where that fails. */
  repair(id: SessionId, version: number): Promise<void> {
    const { cache, timeout } = this.options
    return this.#late.inTime(() => cache.forget(id, version), timeout)
  }

  /** Has all forgotten that this process could not tell. Rejects where that fails. */
  tellUntold(): Promise<void> {
    const { cache, timeout } = this.options
    return this.untold.tell((id, told) =>
      this.#late.inTime(() => cache.forget(id, MAX_VERSION).then(told), timeout),
    )
  }

  /** The cache answers again: what it was asked before is not waited for any more. */
  restart(): void {
    this.#late.forget()
  }
}
