import {
  MAX_VERSION,
  type Change,
  type CommitOutcome,
  type Repair,
  type Revocation,
} from './ledger.js'
import {
  begun,
  changed,
  ended,
  isCommit,
  isTombstone,
  toRecord,
  unexpired,
  type Moment,
  type StoredSession,
} from './stored-session.js'

/** What a ledger that keeps whole sessions is to do about one of them, all at once. */
export interface Decision<Outcome> {
  /** What is answered, once it is done. */
  readonly outcome: Outcome

  /** What is to be held from now on; nothing: all stays as it is. */
  readonly next?: StoredSession

  /** What is to be written down for a cache that is out of reach. */
  readonly repair?: Repair | undefined
}

/**
 * What becomes of a change where this is held, be it expired or not. The tombstone is looked for
 * before the write's own identity (protocol rule 7).
 */
export function decideCommit(
  held: StoredSession | undefined,
  change: Change,
  moment: Moment,
): Decision<CommitOutcome> {
  const present = unexpired(held, moment.now)
  if (present === undefined) {
    if (change.base) return { outcome: { kind: 'gone', revoked: false } }
    return committing(begun(held, change, moment), change)
  }
  if (isTombstone(present)) return { outcome: { kind: 'gone', revoked: true } }
  if (isCommit(present, change.base)) {
    return committing(changed(present, change, moment.now), change)
  }
  const isMine = present.writeId === change.writeId
  return { outcome: { kind: isMine ? 'committed' : 'conflict', record: toRecord(present) } }
}

/** What becomes of what is held where it is to be ended; answers whether a live session was. */
export function decideRevocation(
  held: StoredSession | undefined,
  revocation: Revocation,
  moment: Moment,
): Decision<boolean> {
  const { id, absentTtl, repair } = revocation
  const present = unexpired(held, moment.now)
  const wasLive = present !== undefined && !isTombstone(present)
  const isToStay = wasLive || (present === undefined && absentTtl > 0)
  const next = isToStay ? ended(held, revocation, moment) : present
  const isNoted = repair && unexpired(next, moment.now) !== undefined
  return {
    outcome: wasLive,
    ...(isToStay && next ? { next } : {}),
    repair: isNoted ? { id, version: MAX_VERSION } : undefined,
  }
}

function committing(next: StoredSession, { repair }: Change): Decision<CommitOutcome> {
  const record = toRecord(next)
  return { outcome: { kind: 'committed', record }, next, repair: repair ? record : undefined }
}
