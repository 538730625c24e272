import type {
  CommitName,
  Device,
  Live,
  SessionRecord,
  SessionSummary,
  Tombstone,
} from './record.js'
import type { SessionId } from './session-id.js'

/**
 * The place that is believed: it alone mints versions.
 *
 * A ledger is simple on purpose. It throws its driver's errors untouched, apart from
 * {@link MigrationRequiredError} and {@link InvalidRecordError}; it retries only what its own
 * concurrency control refused (a deadlock); deadlines and events are the engine's work. Times are
 * epoch ms by the ledger's own clock; lifetimes are ms from the moment of the commit, so that a
 * process with a wrong clock can not shorten anybody's session. A session that has expired is
 * absent. A ledger serves one context: reads, lists and counts never show another's.
 */
export interface SessionLedger {
  /** Names the ledger in errors, events and metrics. */
  readonly name: string

  /** The ledger's time as it is best known here, epoch ms. */
  now(): number

  /** Resolves once the ledger can be used. What failed is tried again at the next call. */
  ready(): Promise<void>

  /** What is held for these ids; an id that is absent, or expired, is left out. */
  read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>>

  /**
   * Commits changes to different sessions, all at once and durably; the outcomes are in the order
   * of the changes. A change whose `writeId` is found committed counts as committed, so that a lost
   * reply may be retried.
   */
  commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]>

  /**
   * Moves expiries later, never earlier and never past the absolute one; mints no version. It may
   * be lost in a crash. Ids that are absent are left out of the answer.
   */
  touch(touches: readonly Touch[]): Promise<ReadonlyMap<SessionId, Touched>>

  /**
   * Turns sessions into tombstones, durably, and answers for which of them a live session was
   * ended. Idempotent.
   */
  revoke(revocations: readonly Revocation[]): Promise<ReadonlySet<SessionId>>

  /** A page of live sessions, ordered by id. */
  list(query: ListQuery): Promise<readonly SessionSummary[]>

  /** How many sessions there are. */
  stats(): Promise<LedgerStats>

  /** Deletes at most `limit` expired rows, of every context, unless another process is sweeping. */
  sweep(limit: number): Promise<SweepBatch>

  /**
   * Writes down that a cache could not be told of these versions. What is written down of an id has
   * one version, at least the highest that was noted; each call that notes the id again raises it,
   * up to {@link MAX_VERSION}, so that a note is known from the one before it.
   */
  noteRepairs(repairs: readonly Repair[]): Promise<void>

  /** What is written down of this context, oldest first. */
  pendingRepairs(limit: number): Promise<readonly NotedRepair[]>

  /**
   * Forgets repairs that were applied, where they stand just as they were read. One that was noted
   * again since stays, also where somebody else had settled the one before.
   */
  settleRepairs(repairs: readonly NotedRepair[]): Promise<void>

  /** Ends what the ledger itself opened. Idempotent. */
  close(): Promise<void>
}

/** One change to one session. */
export interface Change {
  readonly id: SessionId

  /**
   * The commit that the change was made upon. None: the change only inserts. Otherwise it never
   * inserts, and takes only if what is held is just this commit: any other, be its version higher,
   * lower (the ledger lost commits in a failover) or the same, is a conflict.
   */
  readonly base: CommitName | undefined

  /**
   * The highest version that the writer has seen, 0 for none. The new one is higher than this too,
   * so that no version of a commit that was lost is minted again by whoever knows of it.
   */
  readonly above: number

  /** A UUID; the same in every retry of the same change. */
  readonly writeId: string
  readonly data: string

  /**
   * Lifetime from the commit on, ms; the new expiry is exactly this, but never past the absolute
   * one.
   */
  readonly ttl: number
  readonly userId: string | undefined

  /** Remembered by an insert only. */
  readonly device: Device | undefined

  /** Set by an insert only: the longest the session may ever live, ms. */
  readonly absoluteTtl: number | undefined

  /**
   * Whether to write down a {@link Repair} in the same commit, because the cache is known to be out
   * of reach.
   */
  readonly repair: boolean
}

/**
 * What became of a {@link Change}. `gone`: a tombstone, or an update of what is absent or expired;
 * nothing was written.
 */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly record: SessionRecord }
  | { readonly kind: 'gone'; readonly revoked: boolean }
  | { readonly kind: 'conflict'; readonly record: SessionRecord }

/** A later expiry for a session: `ttl` ms from now. */
export interface Touch {
  readonly id: SessionId
  readonly ttl: number
}

/** What the ledger holds for a session that was touched. */
export interface Touched {
  readonly version: number
  readonly revoked: boolean
  readonly expiresAt: number
}

/** A session to be ended. */
export interface Revocation {
  readonly id: SessionId

  /** Why, for whoever reads the table; at most 200 characters. */
  readonly reason: string

  /**
   * Where nothing is held, how long (ms) a tombstone is to stand in the way of an insert still
   * under way; 0 for none.
   */
  readonly absentTtl: number

  /**
   * As {@link Change.repair}, of {@link MAX_VERSION}: after a failover a cache may hold a higher
   * version than the tombstone has.
   */
  readonly repair: boolean
}

/** Which sessions to list. */
export interface ListQuery {
  readonly userId?: string | undefined

  /** The last id of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Counts of this context's rows. */
export interface LedgerStats {
  /** Live sessions. */
  readonly active: number

  /** Ended by time, not swept yet. */
  readonly expired: number

  /** Tombstones. */
  readonly revoked: number

  /** Different users among the live ones. */
  readonly users: number
}

/** One batch of a sweep; `busy` where another process holds the sweeper's lock. */
export type SweepBatch =
  { readonly kind: 'swept'; readonly removed: number } | { readonly kind: 'busy' }

/** The highest version that a ledger can hold; above every version of a session. */
export const MAX_VERSION = 2 ** 31 - 1

/** A version that a cache was not told of: what it holds below it is not to be believed. */
export interface Repair {
  readonly id: SessionId
  readonly version: number
}

/** A repair as it is written down. */
export interface NotedRepair extends Repair {
  /** When that was, epoch ms in the ledger's time; together with the version it names the note. */
  readonly notedAt: number
}
