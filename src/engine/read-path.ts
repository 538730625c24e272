import { DeadlineError, LedgerUnavailableError } from '../core/errors.js'
import type { SessionId } from '../core/session-id.js'
import { CacheReads } from './cache-reads.js'
import { within } from './deadline.js'
import { LedgerReads } from './ledger-reads.js'
import { openNear, openNearNow, toNearEntry, type LoadedSession } from './loaded-session.js'
import type { Tiers } from './tiers.js'
import type { TouchBuffer } from './touch-buffer.js'

/**
 * What a read keeps, of the time that it may wait for a write, to look what is there; half of that
 * at most. ms.
 */
const LOOK_WITHIN = 500

/** Reads sessions: the fastest tier first, the ledger where the others do not know. */
export class ReadPath {
  readonly #tiers: Tiers
  readonly #touches: TouchBuffer
  readonly #ledger: LedgerReads
  readonly #cache: CacheReads | undefined

  constructor(tiers: Tiers, touches: TouchBuffer) {
    this.#tiers = tiers
    this.#touches = touches
    this.#ledger = new LedgerReads(tiers)
    this.#cache = tiers.cache && new CacheReads(tiers, tiers.cache, this.#ledger)
  }

  /** How many reads wait for the ledger. */
  get size(): number {
    return this.#ledger.size
  }

  /** What this process remembers, at once; `undefined` where only {@link ReadPath.read} can tell. */
  recall(id: SessionId): LoadedSession | undefined {
    const entry = this.#tiers.near?.get(id)
    const session = entry && openNearNow(this.#tiers, entry)
    return session && this.#found(session)
  }

  /**
   * The live session of this id. Rejects where no tier that can be trusted answers: that is never
   * "no session".
   */
  async read(id: SessionId): Promise<LoadedSession | undefined> {
    const session = (await this.#fromNear(id)) ?? (await this.#fromAfar(id))
    if (session) return this.#found(session)
    this.#tiers.metrics.count('absentReads')
    return undefined
  }

  /** Counts it, and lets a touch be seen that waits. */
  #found(session: LoadedSession): LoadedSession {
    const { id, expiresAt, tier } = session
    this.#tiers.metrics.count(this.#countOf(tier))
    const visible = this.#touches.visibleExpiry(id, expiresAt)
    return visible === expiresAt ? session : { ...session, expiresAt: visible }
  }

  /**
   * As {@link ReadPath.read}, after a write under way; both together for no longer than the ledger
   * may take (rule 11). What is not there while that goes on may be just about to be: that rejects,
   * and is not "no session".
   */
  async readAfter(pending: Promise<unknown>, id: SessionId): Promise<LoadedSession | undefined> {
    const { name, timeout, clock } = this.#tiers.ledger
    const toLook = Math.min(LOOK_WITHIN, timeout / 2)
    const start = clock.monotonic()
    const isLate = (await within(pending, timeout - toLook, clock)) === 'late'
    const left = Math.max(toLook, timeout - (clock.monotonic() - start))
    const session = await within(this.read(id), left, clock)
    if (session === 'late' || (isLate && !session)) {
      throw new LedgerUnavailableError(name, 'read', new DeadlineError(timeout))
    }
    return session
  }

  #fromNear(id: SessionId): Promise<LoadedSession | undefined> | undefined {
    const entry = this.#tiers.near?.get(id)
    return entry && openNear(this.#tiers, entry)
  }

  async #fromAfar(id: SessionId): Promise<LoadedSession | undefined> {
    const { near } = this.#tiers
    const ticket = near?.begin(id)
    const keep = (session: LoadedSession): void => {
      if (ticket) near?.keep(ticket, toNearEntry(session))
    }
    if (this.#cache) return this.#cache.read(id, keep)
    const session = await this.#ledger.session(id)
    if (session) keep(session)
    return session
  }

  #countOf(tier: string): 'nearReads' | 'cacheReads' | 'ledgerReads' {
    const { near, cache } = this.#tiers
    if (tier === near?.name) return 'nearReads'
    return tier === cache?.name ? 'cacheReads' : 'ledgerReads'
  }

  /** What the ledger holds, past every cache. */
  fromLedger(id: SessionId): Promise<LoadedSession | undefined> {
    return this.#ledger.session(id)
  }

  /** Whether the ledger holds a live session, be it one that can not be opened. */
  async isLive(id: SessionId): Promise<boolean> {
    return (await this.#ledger.entry(id))?.kind === 'live'
  }
}
