import type { SessionRecord } from '../core/record.js'
import type { SessionBase } from './loaded-session.js'
import type { PreparedWrite, Proposal, SessionCursor, WriteBase } from './session-write.js'

/** One try at a write. */
export interface Attempt {
  readonly write: PreparedWrite
  readonly cursor: SessionCursor
  readonly proposal: Proposal
}

/** A holder who has so many writes without a reply will hardly meet an older one. */
const MOST_UNKNOWN = 8

/** Nobody knows whether this was committed: should the holder meet it, it is no stranger's. */
export function rememberUnknown({ write, cursor, proposal }: Attempt): void {
  const unknown = { writeId: write.writeId, raw: proposal.text, seen: write.text }
  cursor.unknown = [...(cursor.unknown ?? []), unknown].slice(-MOST_UNKNOWN)
}

/** What the ledger holds, where it is a write of the holder's own of which no reply came. */
export function ownCommit(
  { unknown }: SessionCursor,
  { id, version, writeId, expiresAt, absoluteExpiresAt }: SessionRecord,
): SessionBase | undefined {
  const own = unknown?.find((write) => write.writeId === writeId)
  return own && { ...own, id, version, expiresAt, absoluteExpiresAt }
}

/** Where the holder stands once an attempt has taken. */
export function nextBase(record: SessionRecord, { write, proposal }: Attempt): SessionBase {
  const { id, version, writeId, expiresAt, absoluteExpiresAt } = record
  const [raw, seen] = [proposal.text, write.text]
  return { id, version, writeId, raw, seen, expiresAt, absoluteExpiresAt }
}

/** The holder stands upon a commit, from now on; what was unknown before is not built upon any more. */
export function moveOn(cursor: SessionCursor, base: SessionBase): void {
  cursor.base = base
  if (cursor.unknown) delete cursor.unknown
}

/** Whoever replaces what is there, or leaves it as it is, does so a second time with the same end. */
export function mergesInto(base: WriteBase): boolean {
  return base !== 'any' && base !== 'absent'
}
