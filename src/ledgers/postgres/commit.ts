import type { Change, CommitOutcome } from '../../core/ledger.js'
import type { Live, SessionRecord, Tombstone } from '../../core/record.js'
import type { SessionId } from '../../core/session-id.js'

/** The two things that a commit asks of the database, each a statement of its own. */
export interface CommitSteps {
  /** Writes what may be written, and gives the records that were. */
  write(changes: readonly Change[]): Promise<ReadonlyMap<SessionId, SessionRecord>>
  read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>>
}

/**
 * Commits changes: writes them, reads anew what did not take (protocol rule 6), and writes again
 * where an insert found a row that has vanished since.
 */
export async function commitChanges(
  changes: readonly Change[],
  steps: CommitSteps,
): Promise<readonly CommitOutcome[]> {
  const outcomes = new Map<SessionId, CommitOutcome>()
  let pending = changes
  for (let round = 0; pending.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new Error('The inserted sessions kept appearing and vanishing')
    const written = await steps.write(pending)
    for (const [id, record] of written) outcomes.set(id, { kind: 'committed', record })
    pending = await settleLost(
      pending.filter(({ id }) => !written.has(id)),
      outcomes,
      steps,
    )
  }
  return changes.map(({ id }) => outcomes.get(id) ?? { kind: 'gone', revoked: false })
}

const MAX_ROUNDS = 10

/** Tells what became of changes that did not take, and returns those to be written again. */
async function settleLost(
  lost: readonly Change[],
  outcomes: Map<SessionId, CommitOutcome>,
  steps: CommitSteps,
): Promise<readonly Change[]> {
  if (lost.length === 0) return []
  const held = await steps.read(lost.map(({ id }) => id))
  return lost.filter((change) => {
    const outcome = classify(change, held.get(change.id))
    if (outcome === undefined) return true
    outcomes.set(change.id, outcome)
    return false
  })
}

/**
 * The tombstone is looked for before the write's own identity (protocol rule 7). `undefined`: write
 * it again.
 */
function classify(change: Change, held: Live | Tombstone | undefined): CommitOutcome | undefined {
  if (held === undefined) return change.base ? { kind: 'gone', revoked: false } : undefined
  if (held.kind === 'tombstone') return { kind: 'gone', revoked: true }
  const isMine = held.record.writeId === change.writeId
  return { kind: isMine ? 'committed' : 'conflict', record: held.record }
}
