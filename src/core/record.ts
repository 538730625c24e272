import type { Context, SessionId } from './session-id.js'

/** One committed version of a session: what ledgers mint and caches remember. */
export interface SessionRecord {
  readonly id: SessionId

  /** 1 for the first commit; every later one is higher. */
  readonly version: number

  /** The identity (a UUID) of the write that made this version. */
  readonly writeId: string

  /** The session as text: serialized, and sealed where `encryption` is on. */
  readonly data: string

  /** When it ends, epoch ms in the ledger's time (`SessionLedger.now`). */
  readonly expiresAt: number

  /**
   * The latest time to which it may ever be extended, or `undefined` for no limit; the ledger's
   * time.
   */
  readonly absoluteExpiresAt: number | undefined
}

/**
 * What tells a commit from every other one. A version alone does not: where a ledger has lost
 * commits in a failover, their versions may be minted again.
 */
export type CommitName = Pick<SessionRecord, 'version' | 'writeId'>

/** Who began a session. Both are capped in length by whoever fills them in. */
export interface Device {
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
}

/**
 * A session as lists show it: nothing that is in it, and nothing by which it could be taken over.
 */
export interface SessionSummary {
  /** The public id; `revoke` takes it. */
  readonly id: string
  readonly userId?: string
  readonly context: Context
  /** Times are epoch ms. */
  readonly createdAt: number
  /** The last write, or persisted touch. */
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly ip?: string
  readonly userAgent?: string
}

/**
 * What is remembered of a removed session until nobody can still hold its cookie, so that it never
 * comes back.
 */
export interface Tombstone {
  readonly kind: 'tombstone'
  readonly version: number
}

/** A live record, told apart from a {@link Tombstone}. */
export interface Live {
  readonly kind: 'live'
  readonly record: SessionRecord
}
