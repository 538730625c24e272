import type { Held, HeldRecord, PutMode, SessionCache } from '../core/cache.js'
import type { Clock } from '../core/clock.js'
import { CacheUnavailableError, DeadlineError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import { MAX_VERSION, type Repair } from '../core/ledger.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { atMost } from './at-most.js'
import type { Told, ToldOutcome, Unreached } from './cache-answers.js'
import { CacheRepairs } from './cache-repairs.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { withDeadline } from './deadline.js'
import { LateCalls } from './late-calls.js'
import { Outage, type Repairing } from './outage.js'
import { Ramp } from './ramp.js'

/** What a {@link GuardedCache} works with. */
export interface GuardedCacheOptions {
  readonly cache: SessionCache

  /** How long each call may take, ms. */
  readonly timeout: number
  readonly clock: Clock
  readonly events: EventHub

  /**
   * What must be applied before the cache is trusted again after an outage; a rejection leaves it
   * alone for longer, but for one by the ledger after a moment's lateness ({@link Outage}).
   */
  readonly repairing: Repairing
}

type Call<T> = (cache: SessionCache) => Promise<T>

/** More than one: the next may go to another node of a Cluster. */
const MOST_PINGS = 8

/**
 * A cache that never fails a request: each call has a deadline and passes a circuit breaker, and a
 * failure is an event and an answer ({@link Unreached}), not an error.
 */
export class GuardedCache {
  /** What the cache is to forget, whether it is trusted or not. */
  readonly repairs: CacheRepairs
  readonly #options: GuardedCacheOptions
  readonly #breaker: CircuitBreaker
  readonly #ramp = new Ramp()
  readonly #outage: Outage
  readonly #late: LateCalls
  readonly #ping: () => Promise<void>
  /** Whether the ledger spares the cache: without it there is nobody else to ask. */
  #isSpared = true

  constructor(options: GuardedCacheOptions) {
    this.#options = options
    this.#outage = new Outage(options.clock)
    this.#late = new LateCalls(options.clock, Infinity, (isAnswered) => this.#settled(isAnswered))
    this.repairs = new CacheRepairs(options)
    this.#ping = atMost(MOST_PINGS, () => options.cache.ping())
    this.#breaker = new CircuitBreaker({
      clock: options.clock,
      probe: () => this.#probe(),
      onState: (state) => {
        if (state === 'closed') {
          this.#late.forget()
          this.repairs.restart()
          this.#outage.end()
          if (this.#isSpared) this.#ramp.restart()
        }
        options.events.emit('cache-state', { cache: this.name, state })
      },
    })
  }

  get name(): string {
    return this.#options.cache.name
  }

  /** Whether calls pass; while they do not, what the cache is not told must be written down. */
  get isReachable(): boolean {
    return this.#breaker.state === 'closed' && this.#late.size === 0
  }

  /**
   * After an outage most reads pass by at first; what must be told does not. Of a session that the
   * cache was not told of, nothing that it holds is an answer but a tombstone.
   */
  async read(id: SessionId): Promise<Held | Unreached> {
    if (!this.#ramp.enter()) return { kind: 'unreached', reason: 'ramp' }
    const asking = this.#attempt('read', (cache) => cache.read(id))
    const held = await this.#believed(id, asking)
    this.#ramp.leave(held.kind !== 'unreached' || held.reason === 'untold')
    return held
  }

  /** @param spent - how much of the deadline a call before has taken, ms; the two share one. */
  reserve(id: SessionId, token: string, spent = 0): Promise<Held | Unreached> {
    const asking = this.#attempt('reserve', (cache) => cache.reserve(id, token), spent)
    return this.#believed(id, asking)
  }

  /** Tells a committed record, and answers what became of that. */
  async put(record: SessionRecord, mode: PutMode): Promise<ToldOutcome> {
    const { id, version } = record
    const untold = this.repairs.untold.of(id)
    const outcome = await this.#attempt('put', (cache) => cache.put(record, mode))
    if (typeof outcome === 'string') {
      if (outcome !== 'lost') this.repairs.untold.told(id, untold, version)
      return outcome
    }
    if (outcome.reason === 'failed')
      return (await this.forget(id, version)) ? 'forgotten' : 'untold'
    this.#addUntold(id, version)
    // After a put that came too late this would too: it is sent, for the cache to find, and not
    // waited for.
    if (outcome.reason === 'late') this.repairs.repair(id, version).catch(() => undefined)
    return 'untold'
  }

  /**
   * Tells that a record is still what the ledger says, best effort; or what it says instead. A
   * reader who was told before that commit may have stamped the old record anew meanwhile.
   */
  async confirm(held: HeldRecord, record: SessionRecord): Promise<void> {
    const outcome = await this.#attempt('confirm', (cache) => cache.confirm(held, record))
    const isNews = record.writeId !== held.record.writeId
    const old = Math.max(held.record.version, record.version - 1)
    if (isNews && outcome !== 'ok') await this.forget(record.id, old)
  }

  /** Refuses an id from now on. */
  bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<Told> {
    return this.#mustTell({ id, version: MAX_VERSION }, 'bury', (cache) =>
      cache.bury(id, tombstone),
    )
  }

  /** Forgets a record up to this version; `false` where the cache was not told. */
  async forget(id: SessionId, version: number): Promise<boolean> {
    const told = await this.#mustTell({ id, version }, 'forget', (cache) =>
      cache.forget(id, version),
    )
    return told === 'told'
  }

  /** Moves an expiry later; best effort. */
  async touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void> {
    await this.#tell('touch', (cache) => cache.touch(id, touched))
  }

  /** Leaves the cache alone until all that is written down was applied (protocol rule 14). */
  distrust(): void {
    this.#outage.grave()
    this.#breaker.trip()
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
    // Needs no ledger, and is for the others: what they were not told they believe.
    await this.repairs.tellUntold()
    this.#isSpared = await this.#outage.mend(this.#options.repairing)
  }

  /** Calls were late, and the last of them has ended. */
  #settled(isAnswered: boolean): void {
    if (!this.isReachable) return
    // Nothing passed meanwhile, so that the breaker need not have opened.
    if (this.#outage.isLong) this.distrust()
    else if (isAnswered) this.#outage.answered()
  }

  /** What the cache does not take is untold, and not believed. */
  async #mustTell({ id, version }: Repair, operation: string, call: Call<unknown>): Promise<Told> {
    const untold = this.repairs.untold.of(id)
    const told = await this.#tell(operation, call)
    if (told === 'told') this.repairs.untold.told(id, untold, version)
    else this.#addUntold(id, version)
    return told
  }

  async #tell(operation: string, call: Call<unknown>): Promise<Told> {
    const toTell = (cache: SessionCache) => call(cache).then(() => 'told' as const)
    const outcome = await this.#attempt(operation, toTell)
    if (outcome === 'told') return outcome
    return outcome.reason === 'open' ? 'untold' : 'unknown'
  }

  async #believed(id: SessionId, asking: Promise<Held | Unreached>): Promise<Held | Unreached> {
    const { untold } = this.repairs
    const before = untold.of(id)
    return untold.believed(id, await asking, before)
  }

  #addUntold(id: SessionId, version: number): void {
    if (!this.repairs.untold.add(id, version)) this.distrust()
  }

  #succeeded(): void {
    // What was asked before the cache was left alone, or before others were late, says nothing of it.
    if (this.isReachable) this.#outage.end()
    this.#breaker.succeeded()
  }

  async #attempt<T>(operation: string, call: Call<T>, spent = 0): Promise<T | Unreached> {
    if (!this.isReachable) {
      this.#breaker.failed()
      return { kind: 'unreached', reason: 'open' }
    }
    const { cache, timeout, events, clock } = this.#options
    const askedAt = clock.monotonic()
    try {
      const result = await this.#late.inTime(() => call(cache), Math.max(1, timeout - spent))
      this.#succeeded()
      return result
    } catch (cause) {
      const isLate = cause instanceof DeadlineError
      // A process that was paused itself asked long ago, and has waited no longer than this.
      if (isLate) this.#outage.late(Math.max(askedAt, clock.monotonic() - timeout))
      else this.#outage.grave()
      this.#breaker.failed()
      const error = new CacheUnavailableError(this.name, operation, cause)
      events.emit('cache-failure', { error })
      return { kind: 'unreached', reason: isLate ? 'late' : 'failed' }
    }
  }
}
