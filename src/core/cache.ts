import type { Live, SessionRecord, Tombstone } from './record.js'
import type { SessionId } from './session-id.js'

/**
 * A place that remembers committed sessions: Redis, or this process's memory.
 *
 * A cache is simple on purpose. It never calls another, never retries and never decides what a failure means: that is the
 * engine's work. It only moves up: what it holds is never replaced by an older version, and a tombstone by nothing.
 */
export interface SessionCache {
  /** Names the cache in errors, events and metrics. */
  readonly name: string

  /** What is held for this id: a live record, a tombstone, a fill under way, or nothing. What is corrupt reads as absent. */
  read(id: SessionId): Promise<Held>

  /**
   * Asks to fill an absent id with what the ledger says. `absent`: the token is placed, read the ledger and put with it;
   * anything else is what was found instead. A token that nobody used is forgotten after three seconds.
   */
  reserve(id: SessionId, token: string): Promise<Held>

  /** Remembers a committed record, unless something newer is held. */
  put(record: SessionRecord, mode: PutMode): Promise<PutOutcome>

  /** Refuses this id from now on, whatever is held; it lasts at least `ttl` ms. */
  bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<void>

  /** Forgets a live record up to and including this version, and any fill under way; a tombstone stays. */
  remove(id: SessionId, version: number): Promise<void>

  /** Moves a live record's expiry later, never earlier; where the record is below `version` it is forgotten. */
  touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void>

  /** Resolves when the cache answers. */
  ping(): Promise<void>

  /** Ends what the cache itself opened. Idempotent. */
  close(): Promise<void>
}

/** What a cache holds for an id. `filling`: somebody is reading the ledger for it. */
export type Held = Live | Tombstone | { readonly kind: 'filling' } | { readonly kind: 'absent' }

/**
 * How a live record may appear. Only the insert of a new id (`create`), or a fill that still holds the token which it placed
 * before it read the ledger, makes one from absence; an `update` on an absent id is skipped, and on a fill it ends the fill.
 */
export type PutMode = 'create' | 'update' | { readonly fill: string }

/**
 * What became of a put. `ok`: held now. `absent`: nothing was held, or the record had expired already; nothing is now. `gone`:
 * a tombstone is held. `newer`: the same version or a higher one is held. `lost`: the fill's token is no longer there.
 * `unfilled`: another's fill was ended.
 */
export type PutOutcome = 'ok' | 'absent' | 'gone' | 'newer' | 'lost' | 'unfilled'
