import {
  beginsAt,
  endsWith,
  observersIn,
  sees,
  together,
  unseenPairs,
  type CorrectScene,
  type Corruption,
} from './corruption.js'
import type { Operation } from './history.js'
import type { SessionHistory, Witness } from './session-history.js'

/** Ways to break invariants 1, 2 and 3. */
export const corruptionsOfOrder: readonly Corruption[] = [
  {
    name: 'two acknowledged writes have one version',
    breaks: 1,
    edits: ({ sessions }) =>
      sessions
        .flatMap(unseenPairs)
        .map(([earlier, later]) => sees(later.operation, { version: earlier.seen.version })),
  },
  {
    name: 'a version whose write was not acknowledged is read with two contents',
    breaks: 1,
    edits: ({ sessions }) =>
      sessions.flatMap((session) => {
        const minted = new Set(session.written.map(({ seen }) => seen.version))
        const observers = observersIn(session).filter(({ seen }) => !minted.has(seen.version))
        return observers
          .filter((one) => observers.some((it) => it !== one && isSame(it, one)))
          .map(({ operation }) => sees(operation, { hash: 'another' }))
      }),
  },
  {
    name: 'a write that began after another had ended has the lower version',
    breaks: 2,
    edits: ({ sessions }) =>
      sessions
        .flatMap(unseenPairs)
        .filter(([earlier, later]) => earlier.operation.endedAt < later.operation.invokedAt)
        .map(([earlier, later]) =>
          together(
            sees(earlier.operation, { version: later.seen.version }),
            sees(later.operation, { version: earlier.seen.version }),
          ),
        ),
  },
  {
    name: 'a write begins after another had ended that stands on it',
    breaks: 2,
    edits: ({ sessions }) => sessions.flatMap(lateBeginnings),
  },
  {
    name: 'a read is older than an acknowledged write',
    breaks: 3,
    edits: ({ sessions, staleness }) =>
      sessions.flatMap((session) =>
        olderReads(session, (read) => highestBefore(session.written, read, staleness)),
      ),
  },
  {
    name: 'a read is older than what another one had read',
    breaks: 3,
    edits: ({ sessions, staleness }) =>
      sessions.flatMap((session) =>
        olderReads(session, (read, { version }) => {
          const isWrittenOnly = highestBefore(session.written, read, staleness) > version
          return isWrittenOnly ? 0 : highestBefore(session.reads, read, staleness)
        }),
      ),
  },
  {
    name: 'a read finds nothing although the session stands',
    breaks: 3,
    edits: (scene) =>
      standing(scene).flatMap(({ written, reads }) =>
        reads
          .filter(({ operation }) => highestBefore(written, operation, scene.staleness) > 0)
          .map(({ operation }) => endsWith(operation, { seen: undefined })),
      ),
  },
  {
    name: 'a write is told that the session is gone, which stands',
    breaks: 3,
    edits: (scene) =>
      standing(scene).flatMap(({ session, written }) =>
        scene.history.operations
          .filter((one) => one.session === session && isFailedWrite(one))
          .filter((one) => highestBefore(written, one, scene.staleness) > 0)
          .map((one) => endsWith(one, { type: 'ok', outcome: 'gone', error: undefined })),
      ),
  },
]

function isFailedWrite({ kind, result }: Operation): boolean {
  return kind === 'write' && result === 'fail'
}

function isSame(a: Witness, b: Witness): boolean {
  return a.seen.version === b.seen.version
}

/** The sessions that nobody tried to end, and that do not expire. */
function standing({ sessions, mayExpire }: CorrectScene): SessionHistory[] {
  return sessions.filter(({ session, attempt }) => !attempt && !mayExpire(session))
}

function highestBefore(
  witnesses: readonly Witness[],
  { invokedAt }: Operation,
  staleness: number,
): number {
  const before = witnesses.filter(({ operation }) => operation.endedAt <= invokedAt - staleness)
  return Math.max(0, ...before.map(({ seen }) => seen.version))
}

/** Shows reads what was written with a version under the floor that was promised to them. */
function olderReads(
  { written, reads }: SessionHistory,
  floorOf: (read: Operation, older: { readonly version: number }) => number,
) {
  return reads.flatMap(({ operation }) =>
    written
      .filter(({ seen }) => seen.version < floorOf(operation, seen))
      .map(({ seen }) => sees(operation, seen)),
  )
}

/**
 * Of two writes at once, lets the lower begin after the higher had ended, whose content then can't
 * hold its key.
 */
function lateBeginnings(session: SessionHistory) {
  const all = [...session.written, ...observersIn(session)]
  return session.written.slice(1).flatMap((later, index) => {
    const earlier = session.written[index]!.operation
    const { endedAt } = later.operation
    if (earlier.invokedAt >= endedAt || earlier.endedAt <= endedAt) return []
    const at = (endedAt + earlier.endedAt) / 2
    const knows = (one: Witness) => one !== later && one.writers.includes(earlier)
    const isKnown = all.some((one) => knows(one) && one.operation.endedAt <= at)
    const isOver = (session.attempt?.invokedAt ?? Infinity) <= at
    if (isKnown || isOver) return []
    const keys = later.seen.keys.filter((key) => key !== earlier.key)
    return [together(beginsAt(earlier, at), sees(later.operation, { keys }))]
  })
}
