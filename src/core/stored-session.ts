import type { Change, Revocation } from './ledger.js'
import type { CommitName, Device, SessionRecord, SessionSummary } from './record.js'
import type { Context } from './session-id.js'

/** A session, or its tombstone, as a ledger holds it: all that Postgres's table has. */
export interface StoredSession extends SessionRecord {
  readonly context: Context
  readonly userId: string | undefined
  readonly device: Device | undefined
  readonly createdAt: number
  readonly updatedAt: number

  /** Why it was ended; a row that has one is a tombstone. */
  readonly revokedReason: string | undefined
}

/** Whose session something is done to, and when. */
export interface Moment {
  readonly context: Context

  /** Epoch ms. */
  readonly now: number
}

/**
 * The row of a new session.
 *
 * @param expired - what an id held before, if it did: its version goes on.
 */
export function begun(
  expired: StoredSession | undefined,
  change: Change,
  { context, now }: Moment,
): StoredSession {
  const { id, above, writeId, data, userId, device, ttl, absoluteTtl } = change
  const absoluteExpiresAt = absoluteTtl === undefined ? undefined : after(now, absoluteTtl)
  return {
    id,
    context,
    version: Math.max(expired?.version ?? 0, above) + 1,
    writeId,
    data,
    userId,
    device,
    createdAt: now,
    updatedAt: now,
    expiresAt: Math.min(after(now, ttl), absoluteExpiresAt ?? Infinity),
    absoluteExpiresAt,
    revokedReason: undefined,
  }
}

/** The row of a session after an update. */
export function changed(held: StoredSession, change: Change, now: number): StoredSession {
  const { above, writeId, data, userId, ttl } = change
  return {
    ...held,
    version: Math.max(held.version, above) + 1,
    writeId,
    data,
    userId,
    updatedAt: now,
    expiresAt: Math.min(after(now, ttl), held.absoluteExpiresAt ?? Infinity),
  }
}

/** The row of a session after a touch: its expiry only moves later. */
export function extended(held: StoredSession, ttl: number, now: number): StoredSession {
  const later = Math.max(held.expiresAt, after(now, ttl))
  return {
    ...held,
    expiresAt: Math.min(later, held.absoluteExpiresAt ?? Infinity),
    updatedAt: now,
  }
}

/** What stays of a session once it is ended, or of an id for which nothing is held. */
export function ended(
  held: StoredSession | undefined,
  { id, reason, absentTtl }: Pick<Revocation, 'id' | 'reason' | 'absentTtl'>,
  { context, now }: Moment,
): StoredSession {
  return {
    context,
    userId: undefined,
    device: undefined,
    createdAt: now,
    absoluteExpiresAt: undefined,
    ...held,
    id,
    version: (held?.version ?? 0) + 1,
    writeId: '',
    data: '',
    updatedAt: now,
    expiresAt: Math.max(held?.expiresAt ?? 0, after(now, absentTtl)),
    revokedReason: reason.slice(0, 200),
  }
}

/** What is held of a session, unless its time is over: then it is absent. */
export function unexpired(held: StoredSession | undefined, now: number): StoredSession | undefined {
  return held !== undefined && held.expiresAt > now ? held : undefined
}

/** Whether the session was ended, and only its end is remembered. */
export function isTombstone({ revokedReason }: StoredSession): boolean {
  return revokedReason !== undefined
}

/** Whether the row is just this commit. */
export function isCommit(
  { version, writeId }: StoredSession,
  name: CommitName | undefined,
): boolean {
  return version === name?.version && writeId === name.writeId
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

function after(now: number, ttl: number): number {
  return Math.min(Math.ceil(now + ttl), LAST_DATE)
}

/** The end of the year 9999, where every ledger ends. Epoch ms. */
export const LAST_DATE = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
