import { endsWith, sees, type CorrectScene, type Corruption } from './corruption.js'
import { isWitness, type SessionHistory, type Witness } from './session-history.js'

/** All may be as stale as it likes, until it is quiet. */
const quietly = {
  size: { endsQuietly: true },
  bounds: { staleness: Infinity, readsAcknowledge: false },
}

/** Ways to break invariant 3, and 5, when all is mended and quiet. */
export const corruptionsOfQuiet: readonly Corruption[] = [
  {
    ...quietly,
    name: 'a read is older than an acknowledged write, when all is quiet',
    breaks: 3,
    edits: ({ sessions }) =>
      sessions.flatMap((session) =>
        quietReads(session).flatMap(({ operation, seen }) =>
          session.written
            .filter((write) => write.seen.version < Math.min(seen.version, newestWritten(session)))
            .map((write) => sees(operation, write.seen)),
        ),
      ),
  },
  {
    ...quietly,
    name: 'a read is older than what the ledger holds, which nobody acknowledged, when all is quiet',
    breaks: 3,
    edits: ({ sessions }) =>
      sessions
        .filter(({ isOrphaned }) => !isOrphaned)
        .flatMap((session) =>
          quietReads(session)
            .filter(({ seen }) => seen.version > newestWritten(session))
            .flatMap(({ operation }) =>
              session.written.slice(-1).map((write) => sees(operation, write.seen)),
            ),
        ),
  },
  {
    ...quietly,
    name: 'a read finds nothing of what the ledger holds, when all is quiet',
    breaks: 3,
    edits: ({ sessions }) =>
      sessions
        .filter(({ isOrphaned, destroy }) => !isOrphaned && !destroy)
        .flatMap(quietReads)
        .map(({ operation }) => endsWith(operation, { seen: undefined })),
  },
  {
    ...quietly,
    name: 'a read finds what the ledger has ended, which nobody acknowledged, when all is quiet',
    breaks: 3,
    edits: (scene) => scene.sessions.flatMap((session) => endedUnacknowledged(session, scene)),
  },
  {
    ...quietly,
    name: 'a destroyed session is read, when all is quiet',
    breaks: 5,
    edits: ({ sessions }) =>
      sessions
        .filter(({ destroy }) => destroy)
        .flatMap(({ absences, written, quietAt }) =>
          absences
            .filter(({ invokedAt }) => invokedAt >= quietAt)
            .flatMap((read) => written.slice(-1).map(({ seen }) => endsWith(read, { seen }))),
        ),
  },
]

function endedUnacknowledged(session: SessionHistory, { mayExpire }: CorrectScene) {
  const { absences, attempt, destroy, finals, isOrphaned, quietAt, written } = session
  const isEnded = attempt && !destroy && finals.length > 0 && !finals.some(isWitness)
  if (!isEnded || isOrphaned || mayExpire(session.session)) return []
  return absences
    .filter(({ invokedAt }) => invokedAt >= quietAt)
    .flatMap((read) => written.slice(-1).map(({ seen }) => endsWith(read, { seen })))
}

function quietReads({ reads, quietAt }: SessionHistory): Witness[] {
  return reads.filter(({ operation }) => operation.invokedAt >= quietAt)
}

function newestWritten({ written }: SessionHistory): number {
  return written.at(-1)?.seen.version ?? 0
}
