import type { Live, SessionRecord, Tombstone } from './record.js'
import type { SessionId } from './session-id.js'

/**
 * A place that remembers committed sessions: Redis is one.
 *
 * A cache is simple on purpose. It never calls another, never retries and never decides what a
 * failure means: that is the engine's work. It only moves up: what it holds is never replaced by an
 * older version, and a tombstone by nothing.
 */
export interface SessionCache {
  /** Names the cache in errors, events and metrics. */
  readonly name: string

  /**
   * What is held for this id: a live record, a tombstone, a fill under way, or nothing. What is
   * corrupt reads as absent.
   */
  read(id: SessionId): Promise<Held>

  /**
   * Asks to fill an id that is absent, or whose record is doubtful. `absent`: the token is placed;
   * ask the ledger now, and put what it says with the token. Anything else is what was found
   * instead. A token that nobody used is forgotten after three seconds.
   */
  reserve(id: SessionId, token: string): Promise<Held>

  /** Remembers a committed record, unless something newer is held. */
  put(record: SessionRecord, mode: PutMode): Promise<PutOutcome>

  /**
   * Remembers what the ledger says in place of a record that is due, and that it was said now.
   * `moved`: something else than what was read is held by now, and stays.
   */
  confirm(held: HeldRecord, record: SessionRecord): Promise<'ok' | 'moved'>

  /** Refuses this id from now on, whatever is held; it lasts at least `ttl` ms. */
  bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<void>

  /**
   * Forgets a live record up to and including this version, and any fill under way; a tombstone
   * stays.
   */
  forget(id: SessionId, version: number): Promise<void>

  /**
   * Moves the expiry of a live record of this version later, never earlier. One below `version` is
   * forgotten, and one above it stays as it is: it may be meant to end sooner.
   */
  touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void>

  /** Resolves when the cache answers. */
  ping(): Promise<void>

  /** Ends what the cache itself opened. Idempotent. */
  close(): Promise<void>
}

/** What a cache holds for an id. `filling`: somebody is asking the ledger for it. */
export type Held =
  HeldRecord | Tombstone | { readonly kind: 'filling' } | { readonly kind: 'absent' }

/** A live record as a cache holds it. */
export interface HeldRecord extends Live {
  readonly trust: Trust

  /** Differs for whatever else is held, or was confirmed at another time. */
  readonly stamp: string
}

/**
 * How far a record that is held can be believed (protocol rules 9 and 10). `sound`: the ledger said
 * so not long ago. `due`: that was long ago, and it is to be asked again; where it can not be asked,
 * the record is still believed. `doubtful`: the cache has started anew since then, perhaps with what
 * it held earlier; never believed.
 */
export type Trust = 'sound' | 'due' | 'doubtful'

/**
 * How a record is put. One appears from absence only by a `fill` that still holds the token which
 * was placed before the ledger was read, or before a new session was inserted (protocol rule 3). An
 * `update` replaces what is older; where nothing is held it is skipped, and where a fill is under
 * way, or the record held is doubtful or another commit of the same version, it ends that.
 */
export type PutMode = 'update' | { readonly fill: string }

/**
 * What became of a put. `ok`: held now. `gone`: a tombstone is held. `newer`: the same version or a
 * higher one is held. `unfilled`: the update ended a fill, or a doubtful record, and nothing is held now. `lost`: the
 * fill's token is not held, and whatever is held instead, be it nothing, stays. `absent`: there was
 * nothing to update, or the record has expired already; nothing is held.
 */
export type PutOutcome = 'ok' | 'absent' | 'gone' | 'newer' | 'lost' | 'unfilled'
