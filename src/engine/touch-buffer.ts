import type { Cancel } from '../core/clock.js'
import { checkTtl } from '../core/duration.js'
import { MAX_VERSION, type Touched } from '../core/ledger.js'
import type { SessionId } from '../core/session-id.js'
import { keepNewest } from './keep-newest.js'
import { BURIED_FOR, type Tiers } from './tiers.js'

const MOST_DELAY = 1_000
const MOST_WAITING = 10_000
const BATCH = 500

/** How far a sign of life stays behind the expiry, ms. */
const SEEN_BEFORE = 1_000

/** Statements under way: while Postgres works on the one, this process and Postgres do on the other. */
const AT_ONCE = 2

/** What is known of the session that is touched. */
export interface Touchable {
  readonly id: SessionId

  /** Its persisted expiry as it was loaded, epoch ms in the ledger's time. */
  readonly expiresAt: number
  readonly absoluteExpiresAt: number | undefined
}

/**
 * Touches are always behind (protocol rule 8): they gather here for at most a second, or until a
 * thousand do, are visible to reads of this process at once, and go to the ledger five hundred in a
 * statement. One that moves the expiry by less than `touchEvery`, or a tenth of the lifetime, is not persisted at all.
 */
export class TouchBuffer {
  readonly #waiting = new Map<SessionId, number>()
  #cancel: Cancel | undefined
  #flushAt = Infinity
  #flushing: Promise<void> | undefined
  #isStopped = false
  #isFailing = false

  constructor(private readonly tiers: Tiers) {}

  /**
   * Moves the session's expiry to `ttl` ms from now.
   *
   * @throws {@link InvalidOptionError} where that is no time: it would be refused with all others.
   */
  add(session: Touchable, ttl: number): void {
    checkTtl(ttl)
    const { ledger, metrics, settings } = this.tiers
    const wanted = Math.min(ledger.now() + ttl, session.absoluteExpiresAt ?? Infinity)
    const known = this.visibleExpiry(session.id, session.expiresAt)
    const least = Math.min(settings.touchEvery, ttl / 10)
    if (wanted <= known || (least > 0 && wanted - known < least)) {
      metrics.count('touchesSkipped')
      return
    }
    this.#keep(session.id, wanted)
    this.#scheduleWithin((session.expiresAt - ledger.now()) / 2)
    this.#flushIfFull()
  }

  /** Has the ledger note, soon, that the session is in use; its expiry stays. */
  see(session: Touchable): void {
    // A little earlier than it is: what the clocks differ by must not make it later.
    const kept = session.expiresAt - SEEN_BEFORE
    if (kept <= this.tiers.ledger.now() || this.#waiting.has(session.id)) return
    this.#keep(session.id, kept)
    this.#scheduleWithin(MOST_DELAY)
    this.#flushIfFull()
  }

  /** The later of an expiry that was read and one that waits here. */
  visibleExpiry(id: SessionId, expiresAt: number): number {
    return Math.max(expiresAt, this.#waiting.get(id) ?? 0)
  }

  /**
   * What waits for a session gives way to a write, which moves its expiry to `ttl` ms from now. Where
   * that fails it waits on, but for no later an expiry than the write's, which may have happened.
   */
  givingWay<T>(id: SessionId, ttl: number, write: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return write()
    const ofWrite = this.tiers.ledger.now() + ttl
    this.forget(id)
    return write().catch((error: unknown) => {
      this.#goOn(id, Math.min(waiting, ofWrite))
      throw error
    })
  }

  /** Drops what waits for a session: it ends. */
  forget(id: SessionId): void {
    this.#waiting.delete(id)
  }

  /** Persists what waits. Rejects where the ledger can not; what waited then still does. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#flushAt = Infinity
    const drain = (): Promise<void> => this.#drain()
    // What fails before is told to whoever waits for that: it does not keep this one from trying.
    const flushing = this.#flushing ? this.#flushing.then(drain, drain) : drain()
    this.#flushing = flushing
    try {
      await flushing
    } finally {
      if (this.#flushing === flushing) this.#flushing = undefined
    }
  }

  /** As {@link TouchBuffer.flush}, for the last time: nothing is scheduled any more. */
  stop(): Promise<void> {
    this.#isStopped = true
    return this.flush()
  }

  /** How many sessions wait. */
  get size(): number {
    return this.#waiting.size
  }

  #goOn(id: SessionId, expiresAt: number): void {
    this.#keep(id, this.visibleExpiry(id, expiresAt))
    this.#scheduleWithin(MOST_DELAY)
  }

  #keep(id: SessionId, expiresAt: number): void {
    keepNewest(this.#waiting, [id, expiresAt], MOST_WAITING)
  }

  /** As many as go at once wait for no others, unless the last ones failed. */
  #flushIfFull(): void {
    const isFull = this.#waiting.size >= AT_ONCE * BATCH
    if (isFull && !this.#flushing && !this.#isFailing) this.#scheduleWithin(0)
  }

  /** A session that is about to expire can not wait for a second. */
  #scheduleWithin(delay: number): void {
    const { clock } = this.tiers.settings
    const wait = Math.min(MOST_DELAY, Math.max(0, delay))
    const flushAt = clock.monotonic() + wait
    if (this.#isStopped || flushAt >= this.#flushAt) return
    this.#cancel?.()
    this.#flushAt = flushAt
    this.#cancel = clock.schedule(() => void this.#flushInBackground(), wait)
  }

  async #flushInBackground(): Promise<void> {
    try {
      await this.flush()
      this.#isFailing = false
      this.#flushIfFull()
    } catch (error) {
      this.#isFailing = true
      this.tiers.events.emit('background-failure', { task: 'touch', error })
      this.#scheduleWithin(MOST_DELAY)
    }
  }

  /** What one statement fails at, none that would come after it tries. */
  async #drain(): Promise<void> {
    const batches = inBatches([...this.#waiting])
    const persist = async (): Promise<void> => {
      for (const batch of batches) await this.#persist(batch)
    }
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, persist))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /** A session that a write or an end has taken its touch from meanwhile is left out. */
  async #persist(drained: readonly (readonly [SessionId, number])[]): Promise<void> {
    const { ledger, metrics } = this.tiers
    const batch = drained.filter(([id, expiresAt]) => this.#waiting.get(id) === expiresAt)
    if (batch.length === 0) return
    const now = ledger.now()
    const touches = batch.map(([id, expiresAt]) => ({ id, ttl: Math.round(expiresAt - now) }))
    const touched = await ledger.call('touch', (each) => each.touch(touches))
    metrics.count('touches', [...touched.values()].filter(({ revoked }) => !revoked).length)
    await Promise.all(batch.map(([id, expiresAt]) => this.#settle(id, expiresAt, touched.get(id))))
  }

  /**
   * What the ledger answered is also news for the cache: the version it should hold, and whether
   * the session is dead.
   */
  async #settle(id: SessionId, expiresAt: number, touched: Touched | undefined): Promise<void> {
    const { cache, near } = this.tiers
    if (!touched || touched.revoked) near?.drop(id, MAX_VERSION)
    else {
      near?.drop(id, touched.version)
      near?.touch(id, touched)
    }
    if (!touched) await cache?.forget(id, MAX_VERSION)
    else if (touched.revoked) await cache?.bury(id, { version: touched.version, ttl: BURIED_FOR })
    else await cache?.touch(id, touched)
    if (this.#waiting.get(id) === expiresAt) this.#waiting.delete(id)
  }
}

function* inBatches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH)
}
