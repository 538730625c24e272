import type { Held, HeldRecord, PutMode, PutOutcome, SessionCache } from '../core/cache.js'
import type { Clock } from '../core/clock.js'
import { CacheUnavailableError, DeadlineError, LedgerUnavailableError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { atMost } from './at-most.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { withDeadline } from './deadline.js'
import { Outage } from './outage.js'
import { Ramp } from './ramp.js'

/**
 * The cache did not answer: it was not asked, because it is left alone (`open`) or has just come
 * back (`ramp`), did not in time (`late`), or failed.
 */
export interface Unreached {
  readonly kind: 'unreached'
  readonly reason: 'open' | 'ramp' | 'late' | 'failed'
}

/**
 * What became of a put through the guard. `forgotten`: it failed, and what was held is forgotten; it
 * is not known whether that is a tombstone. `untold`: the cache may now hold an older record.
 */
export type ToldOutcome = PutOutcome | 'forgotten' | 'untold'

/** Whether the cache was told; `unknown`: it was asked, and may have done it without an answer. */
export type Told = 'told' | 'unknown' | 'untold'

/** What a {@link GuardedCache} works with. */
export interface GuardedCacheOptions {
  readonly cache: SessionCache

  /** How long each call may take, ms. */
  readonly timeout: number
  readonly clock: Clock
  readonly events: EventHub

  /**
   * What must be done before the cache is trusted again after an outage; a rejection leaves it
   * alone for longer, but for one by the ledger after a moment's lateness ({@link Outage}).
   */
  readonly beforeTrust: () => Promise<void>
}

/** More than one: the next may go to another node of a Cluster. */
const MOST_PINGS = 8

/**
 * A cache that never fails a request: each call has a deadline and passes a circuit breaker, and a
 * failure is an event and an answer ({@link Unreached}), not an error.
 */
export class GuardedCache {
  readonly #options: GuardedCacheOptions
  readonly #breaker: CircuitBreaker
  readonly #ramp = new Ramp()
  readonly #outage: Outage
  /** Calls that are unanswered beyond their deadline: what is asked after them would be late, too. */
  #late = new Set<Promise<unknown>>()
  readonly #ping: () => Promise<void>

  constructor(options: GuardedCacheOptions) {
    this.#options = options
    this.#outage = new Outage(options.clock)
    this.#ping = atMost(MOST_PINGS, () => options.cache.ping())
    this.#breaker = new CircuitBreaker({
      clock: options.clock,
      probe: () => this.#probe(),
      onState: (state) => {
        if (state === 'closed') {
          this.#late = new Set()
          this.#outage.end()
          this.#ramp.restart()
        }
        options.events.emit('cache-state', { cache: this.name, state })
      },
    })
  }

  get name(): string {
    return this.#options.cache.name
  }

  /**
   * Whether calls pass at all; while they do not, what the cache is not told must be written down.
   */
  get isReachable(): boolean {
    return this.#breaker.state === 'closed' && this.#late.size === 0
  }

  /** After an outage most reads pass by at first; what must be told does not. */
  async read(id: SessionId): Promise<Held | Unreached> {
    if (!this.#ramp.enter()) return { kind: 'unreached', reason: 'ramp' }
    const held = await this.#attempt('read', (cache) => cache.read(id))
    this.#ramp.leave(held.kind !== 'unreached')
    return held
  }

  /** @param spent - how much of the deadline a call before has taken, ms; the two share one. */
  reserve(id: SessionId, token: string, spent = 0): Promise<Held | Unreached> {
    return this.#attempt('reserve', (cache) => cache.reserve(id, token), spent)
  }

  /** Tells a committed record, and answers what became of that. */
  async put(record: SessionRecord, mode: PutMode): Promise<ToldOutcome> {
    const outcome = await this.#attempt('put', (cache) => cache.put(record, mode))
    if (typeof outcome === 'string') return outcome
    this.#outage.grave()
    if (outcome.reason === 'open') return 'untold'
    if (outcome.reason === 'failed') {
      return (await this.forget(record.id, record.version)) ? 'forgotten' : 'untold'
    }
    // After a put that came too late this would too: it is sent, for the cache to find, and not
    // waited for.
    this.repair(record.id, record.version).catch(ignore)
    return 'untold'
  }

  /** Tells that a record is still what the ledger says, or what it says instead; best effort. */
  async confirm(held: HeldRecord, record: SessionRecord): Promise<void> {
    await this.#tell('confirm', (cache) => cache.confirm(held, record))
  }

  /** Refuses an id from now on. */
  bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<Told> {
    return this.#tell('bury', (cache) => cache.bury(id, tombstone))
  }

  /** Forgets a record up to this version; `false` where the cache was not told. */
  async forget(id: SessionId, version: number): Promise<boolean> {
    return (await this.#tell('forget', (cache) => cache.forget(id, version))) === 'told'
  }

  /** Moves an expiry later; best effort. */
  async touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void> {
    await this.#tell('touch', (cache) => cache.touch(id, touched))
  }

  /**
   * As {@link GuardedCache.forget}, past the breaker: what the probe itself does. Rejects where it
   * fails.
   */
  repair(id: SessionId, version: number): Promise<void> {
    const { cache, timeout, clock } = this.#options
    return withDeadline(cache.forget(id, version), timeout, clock)
  }

  /** Leaves the cache alone until all that is written down was applied (protocol rule 14). */
  distrust(): void {
    this.#outage.grave()
    this.#breaker.trip()
  }

  /** What could not be told up to then was applied. */
  applied(upTo: number): void {
    this.#outage.applied(upTo)
  }

  /** How long a PING takes, ms. Rejects where it fails. */
  async ping(): Promise<number> {
    const { timeout, clock } = this.#options
    const start = clock.monotonic()
    try {
      await withDeadline(this.#ping(), timeout, clock)
    } catch (cause) {
      throw new CacheUnavailableError(this.name, 'answer', cause)
    }
    return clock.monotonic() - start
  }

  /** Ends what the cache opened. Never rejects: that it fails is an event as well. */
  async close(): Promise<void> {
    const { cache, events } = this.#options
    this.#breaker.stop()
    try {
      await cache.close()
    } catch (cause) {
      events.emit('cache-failure', { error: new CacheUnavailableError(this.name, 'close', cause) })
    }
  }

  async #probe(): Promise<void> {
    await this.ping()
    const { isBrief } = this.#outage
    try {
      await this.#options.beforeTrust()
    } catch (error) {
      if (!isBrief || !(error instanceof LedgerUnavailableError)) throw error
    }
  }

  async #tell(operation: string, call: (cache: SessionCache) => Promise<unknown>): Promise<Told> {
    const outcome = await this.#attempt(operation, async (cache) => {
      await call(cache)
      return 'told' as const
    })
    if (outcome === 'told') return outcome
    this.#outage.grave()
    return outcome.reason === 'open' ? 'untold' : 'unknown'
  }

  async #attempt<T>(
    operation: string,
    call: (cache: SessionCache) => Promise<T>,
    spent = 0,
  ): Promise<T | Unreached> {
    if (!this.isReachable) {
      this.#breaker.failed()
      return { kind: 'unreached', reason: 'open' }
    }
    const { cache, timeout, events, clock } = this.#options
    const askedAt = clock.monotonic()
    try {
      const result = await this.#inTime(call(cache), Math.max(1, timeout - spent))
      this.#outage.answered()
      this.#breaker.succeeded()
      return result
    } catch (cause) {
      const isLate = cause instanceof DeadlineError
      if (isLate) this.#outage.late(askedAt)
      else this.#outage.grave()
      this.#breaker.failed()
      events.emit('cache-failure', {
        error: new CacheUnavailableError(this.name, operation, cause),
      })
      return { kind: 'unreached', reason: isLate ? 'late' : 'failed' }
    }
  }

  /** As {@link withDeadline}; until work that is late has ended after all, no other call is made. */
  async #inTime<T>(work: Promise<T>, timeout: number): Promise<T> {
    try {
      return await withDeadline(work, timeout, this.#options.clock)
    } catch (error) {
      if (error instanceof DeadlineError) {
        const late = this.#late.add(work)
        const settled = (): void => void late.delete(work)
        work.then(settled, settled)
      }
      throw error
    }
  }
}

/** It is an event already, or was only sent for the cache to find. */
function ignore(): void {
  return undefined
}
