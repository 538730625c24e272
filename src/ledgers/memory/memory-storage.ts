import type { Device, SessionRecord, SessionSummary } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'

/** A row of the memory ledger; all that Postgres's table has. */
export interface StoredSession extends SessionRecord {
  readonly context: Context
  readonly userId: string | undefined
  readonly device: Device | undefined
  readonly createdAt: number
  readonly updatedAt: number

  /** Why it was ended; a row that has one is a tombstone. */
  readonly revokedReason: string | undefined
}

/** A note for a cache that was out of reach. */
export interface StoredRepair {
  readonly context: Context
  readonly version: number
  readonly createdAt: number
}

/** What memory ledgers share, as processes share a database: give one to each of them. */
export class MemoryStorage {
  /** Live sessions and tombstones. */
  readonly sessions = new Map<SessionId, StoredSession>()
  readonly repairs = new Map<SessionId, StoredRepair>()
}

/** Whether the session was ended, and only its end is remembered. */
export function isTombstone({ revokedReason }: StoredSession): boolean {
  return revokedReason !== undefined
}

/** What a ledger hands out of a live session. */
export function toRecord(session: StoredSession): SessionRecord {
  const { id, version, writeId, data, expiresAt, absoluteExpiresAt } = session
  return { id, version, writeId, data, expiresAt, absoluteExpiresAt }
}

/** What lists show of a live session. */
export function toSummary(session: StoredSession): SessionSummary {
  const { id, context, userId, device, createdAt, updatedAt, expiresAt } = session
  return {
    id,
    ...(userId === undefined ? {} : { userId }),
    context,
    createdAt,
    lastSeenAt: updatedAt,
    expiresAt,
    ...(device?.ip === undefined ? {} : { ip: device.ip }),
    ...(device?.userAgent === undefined ? {} : { userAgent: device.userAgent }),
  }
}

/**
 * By code points, as Postgres's collation "C" does; `<` on strings would compare halves of
 * surrogate pairs.
 */
export function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
