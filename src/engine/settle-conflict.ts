import { ConflictError, SerializationError } from '../core/errors.js'
import {
  cookieLifetime,
  isSameLifetime,
  merge,
  type Fork,
  type SessionContent,
} from '../core/merge.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { open, type SessionBase } from './loaded-session.js'
import type { PreparedWrite, Proposal, WriteBase } from './session-write.js'
import type { Tiers } from './tiers.js'

/** A write, and what it met in the ledger. */
export interface Conflict {
  readonly write: PreparedWrite
  readonly base: WriteBase

  /** The highest version that was seen before. */
  readonly above: number
  readonly record: SessionRecord
}

/**
 * What a write first proposes. A caller that knows no version proposes an insert: a conflict will
 * tell.
 */
export function rebase(
  write: PreparedWrite,
  base: WriteBase,
  tiers: Tiers,
): Proposal | Promise<Proposal | 'dropped'> {
  if (typeof base === 'string') return propose(write, { base: undefined, above: 0 })
  if (base.seen === base.raw) return propose(write, { base, above: base.version })
  return rebaseUnseen(write, base, tiers)
}

/**
 * Where the holder has not seen all that it committed before (a merge), its change since then is put
 * upon that.
 */
async function rebaseUnseen(
  write: PreparedWrite,
  base: SessionBase,
  tiers: Tiers,
): Promise<Proposal | 'dropped'> {
  const { version, seen, raw, expiresAt } = base
  const { codec, ledger } = tiers
  const fork = await forkOf([seen, write.text, raw], tiers)
  const { content, dropped } = merge(fork)
  if (dropped) return 'dropped'
  const ttl = mergedLifetime(fork, { content, mine: write.ttl, theirs: expiresAt - ledger.now() })
  return { content, text: codec.stringify(content), ttl, base, above: version }
}

/** A write as it came. Field by field: each write passes here, and a spread costs several times this. */
function propose(
  { content, text, ttl }: PreparedWrite,
  { base, above }: Pick<Proposal, 'base' | 'above'>,
): Proposal {
  return { content, text, ttl, base, above }
}

/**
 * What a write proposes after it met another commit than its base, by `onConflict`: upon that one,
 * and to be minted above whatever was seen, because a failover may have brought back a lower
 * version (protocol rule 13). @throws {@link ConflictError}
 */
export async function settleConflict(
  { write, base, above, record }: Conflict,
  tiers: Tiers,
): Promise<Proposal | 'dropped'> {
  const { codec, ledger, metrics } = tiers
  const { onConflict } = write
  metrics.count('conflicts')
  if (base === 'absent') return 'dropped'
  const met = { base: record, above: Math.max(above, record.version) }
  const mine = propose(write, met)
  if (base === 'any' || onConflict === 'overwrite') return mine
  if (onConflict === 'reject') throw new ConflictError(record.id)
  const theirs = await open(tiers, record, ledger.name)
  if (!theirs) return mine
  const seen = base === 'new' ? undefined : base.seen
  const fork = await forkOf([seen, write.text, theirs.raw], tiers)
  const content =
    typeof onConflict === 'function' ? await onConflict(fork) : mergeAndTell(record.id, fork, tiers)
  if (!content) return 'dropped'
  const theirTtl = record.expiresAt - ledger.now()
  const ttl = mergedLifetime(fork, { content, mine: write.ttl, theirs: theirTtl })
  return { content, text: codec.stringify(content), ttl, ...met }
}

/**
 * The later lifetime; or that of the side whose cookie's lifetime the merge took, where the two
 * differ. ms.
 */
function mergedLifetime(
  { mine, theirs }: Fork,
  ttl: { content: SessionContent; mine: number; theirs: number },
): number {
  const [merged, ofMine, ofTheirs] = [ttl.content, mine, theirs].map(cookieLifetime)
  if (isSameLifetime(ofMine, ofTheirs)) return Math.max(ttl.mine, ttl.theirs)
  return isSameLifetime(merged, ofMine) ? ttl.mine : ttl.theirs
}

function mergeAndTell(id: SessionId, fork: Fork, { events }: Tiers): SessionContent | undefined {
  const { content, conflicts, dropped } = merge(fork)
  if (dropped || conflicts.length > 0) {
    events.emit('conflict', { id, keys: conflicts, dropped })
  }
  return dropped ? undefined : content
}

/** @param texts - the base, or `undefined` for that of a new session, then mine, then theirs. */
async function forkOf(
  [base, mine, theirs]: readonly [string | undefined, string, string],
  { codec }: Tiers,
): Promise<Fork> {
  try {
    const [baseContent, mineContent, theirsContent] = await Promise.all([
      base === undefined ? {} : codec.parse(base),
      codec.parse(mine),
      codec.parse(theirs),
    ])
    return { base: baseContent, mine: mineContent, theirs: theirsContent }
  } catch (error) {
    throw new SerializationError('what the serializer wrote can not be read back', error)
  }
}
