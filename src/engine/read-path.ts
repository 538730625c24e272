import { randomUUID } from 'node:crypto'
import type { Held } from '../core/cache.js'
import { SessionError } from '../core/errors.js'
import type { Live, SessionRecord, Tombstone } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import type { Batcher } from './batcher.js'
import type { GuardedCache, Unreached } from './guarded-cache.js'
import { createLedgerBatcher } from './ledger-batcher.js'
import { open, type LoadedSession } from './loaded-session.js'
import { BURIED_FOR, type Tiers } from './tiers.js'
import type { TouchBuffer } from './touch-buffer.js'

type Entry = Live | Tombstone | undefined

/** Reads sessions: the fastest tier first, the ledger where the others do not know. */
export class ReadPath {
  readonly #tiers: Tiers
  readonly #touches: TouchBuffer
  readonly #ledgerReads: Batcher<SessionId, Entry>

  constructor(tiers: Tiers, touches: TouchBuffer) {
    this.#tiers = tiers
    this.#touches = touches
    this.#ledgerReads = createLedgerBatcher(tiers.ledger, 'read', (ids) => this.#readTogether(ids))
  }

  /** How many reads wait for the ledger. */
  get size(): number {
    return this.#ledgerReads.size
  }

  /**
   * The live session of this id. Rejects where no tier that can be trusted answers: that is never
   * "no session".
   */
  async read(id: SessionId): Promise<LoadedSession | undefined> {
    const { cache, metrics } = this.#tiers
    const session = cache ? await this.#throughCache(id, cache) : await this.fromLedger(id)
    if (!session) {
      metrics.count('absentReads')
      return undefined
    }
    metrics.count(session.tier === cache?.name ? 'cacheReads' : 'ledgerReads')
    return { ...session, expiresAt: this.#touches.visibleExpiry(id, session.expiresAt) }
  }

  /** What the ledger holds, past every cache. */
  async fromLedger(id: SessionId): Promise<LoadedSession | undefined> {
    return this.#openEntry(await this.#ledgerReads.submit(id))
  }

  /** Whether the ledger holds a live session, be it one that can not be opened. */
  async isLive(id: SessionId): Promise<boolean> {
    return (await this.#ledgerReads.submit(id))?.kind === 'live'
  }

  async #throughCache(id: SessionId, cache: GuardedCache): Promise<LoadedSession | undefined> {
    const { clock, redisTimeout } = this.#tiers.settings
    const start = clock.monotonic()
    const held = await cache.read(id)
    if (held.kind !== 'absent') return this.#answer(held, id, cache)
    const spent = clock.monotonic() - start
    if (spent * 2 <= redisTimeout) return this.#fill(id, cache, spent)
    // There is no time to ask a second time: the fill comes afterwards, and its failure is
    // nobody's.
    this.#fill(id, cache, 0).catch(() => undefined)
    return this.fromLedger(id)
  }

  async #answer(
    held: Held | Unreached,
    id: SessionId,
    cache: GuardedCache,
  ): Promise<LoadedSession | undefined> {
    if (held.kind === 'tombstone') return undefined
    if (held.kind === 'live') {
      const session = await this.#openHeld(held.record, cache)
      if (session) return session
    }
    return this.fromLedger(id)
  }

  /**
   * Somebody's token stands there first, so that nothing older than what the ledger says now can
   * slip in (rule 3).
   */
  async #fill(
    id: SessionId,
    cache: GuardedCache,
    spent: number,
  ): Promise<LoadedSession | undefined> {
    const token = randomUUID()
    const held = await cache.reserve(id, token, spent)
    if (held.kind !== 'absent') return this.#answer(held, id, cache)
    const entry = await this.#ledgerReads.submit(id)
    // The request has its answer: it does not wait for the cache to have it too. Neither of these
    // rejects.
    if (entry?.kind === 'live') void cache.put(entry.record, { fill: token })
    if (entry?.kind === 'tombstone') {
      void cache.bury(id, { version: entry.version, ttl: BURIED_FOR })
    }
    return this.#openEntry(entry)
  }

  /**
   * What the cache holds may be damaged while the ledger's copy is sound: then it does not count.
   */
  async #openHeld(record: SessionRecord, cache: GuardedCache): Promise<LoadedSession | undefined> {
    if (record.expiresAt <= this.#tiers.ledger.now()) return undefined
    try {
      const session = await open(this.#tiers, record, cache.name)
      if (session) return session
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      this.#tiers.events.emit('corrupt-record', {
        id: record.id,
        tier: cache.name,
        problem: error.message,
      })
    }
    await cache.forget(record.id, record.version)
    return undefined
  }

  #openEntry(entry: Entry): Promise<LoadedSession | undefined> {
    if (entry?.kind !== 'live') return Promise.resolve(undefined)
    return open(this.#tiers, entry.record, this.#tiers.ledger.name)
  }

  async #readTogether(ids: readonly SessionId[]): Promise<readonly Entry[]> {
    const unique = [...new Set(ids)]
    const entries = await this.#tiers.ledger.call('read', (ledger) => ledger.read(unique))
    return ids.map((id) => entries.get(id))
  }
}
