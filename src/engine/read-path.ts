import type { SessionId } from '../core/session-id.js'
import { CacheReads } from './cache-reads.js'
import { LedgerReads } from './ledger-reads.js'
import type { LoadedSession } from './loaded-session.js'
import type { Tiers } from './tiers.js'
import type { TouchBuffer } from './touch-buffer.js'

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

  /**
   * The live session of this id. Rejects where no tier that can be trusted answers: that is never
   * "no session".
   */
  async read(id: SessionId): Promise<LoadedSession | undefined> {
    const { cache, metrics } = this.#tiers
    const session = await (this.#cache ? this.#cache.read(id) : this.#ledger.session(id))
    if (!session) {
      metrics.count('absentReads')
      return undefined
    }
    metrics.count(session.tier === cache?.name ? 'cacheReads' : 'ledgerReads')
    return { ...session, expiresAt: this.#touches.visibleExpiry(id, session.expiresAt) }
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
