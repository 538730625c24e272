import { endsWith, newestOf, sees, type CorrectScene, type Corruption } from './corruption.js'
import type { Operation } from './history.js'
import { isWitness, type SessionHistory, type Witness } from './session-history.js'

/** Ways to break invariants 4, 7 and 8. */
export const corruptionsOfContent: readonly Corruption[] = [
  {
    name: 'a read sees another content than was written',
    breaks: 4,
    edits: ({ sessions }) =>
      sessions.flatMap(({ written, reads }) => {
        const minted = new Set(written.map(({ seen }) => seen.version))
        return reads
          .filter(({ seen }) => minted.has(seen.version))
          .map(({ operation }) => sees(operation, { hash: 'another' }))
      }),
  },
  {
    name: 'a read sees a version that nobody can have written',
    breaks: 4,
    edits: ({ sessions }) =>
      sessions
        .filter(({ unexplained }) => unexplained.length === 0)
        .flatMap(({ reads }) => reads)
        .map(({ operation, seen }) => sees(operation, { version: seen.version + 1_000 })),
  },
  {
    name: 'a read sees a version before the only writes began that can have written it',
    breaks: 4,
    edits: ({ sessions }) =>
      sessions.flatMap(({ reads, unexplained }) =>
        reads
          .filter(({ operation }) => operation.endedAt < (unexplained[0]?.invokedAt ?? 0))
          .map(({ operation, seen }) => sees(operation, { version: seen.version + 1_000 })),
      ),
  },
  {
    name: 'a read sees the key of a write that failed',
    breaks: 4,
    edits: (scene) => strangeKeys(scene, (write) => write.result === 'fail'),
  },
  {
    name: 'a read sees the key of a write that began after it',
    breaks: 4,
    edits: (scene) =>
      strangeKeys(
        scene,
        (write, { endedAt }) => write.invokedAt > endedAt && write.result === 'ok',
      ),
  },
  {
    name: 'a read sees a key that nobody wrote',
    breaks: 4,
    edits: ({ sessions }) =>
      sessions.flatMap(({ reads }) => reads.map((read) => withKey(read, 'nobody'))),
  },
  {
    name: 'a read lacks an acknowledged key',
    breaks: 7,
    edits: ({ sessions }) =>
      sessions.flatMap(({ reads, acknowledged }) =>
        reads.flatMap((read) => withoutEach(read, acknowledged)),
      ),
  },
  {
    name: 'an acknowledged key is not there at the end',
    breaks: 7,
    edits: ({ sessions }) =>
      sessions.flatMap(({ finals, acknowledged }) =>
        finals.filter(isWitness).flatMap((final) => withoutEach(final, acknowledged)),
      ),
  },
  {
    name: 'a session that stands is not there at the end',
    breaks: 7,
    edits: ({ sessions, mayExpire }) =>
      sessions
        .filter(({ session, attempt }) => !attempt && !mayExpire(session))
        .flatMap(({ finals }) => finals.filter(isWitness))
        .map(({ operation }) => endsWith(operation, { seen: undefined })),
  },
  {
    name: 'a destroyed session is there at the end',
    breaks: 7,
    edits: ({ sessions }) =>
      sessions.flatMap((session) => {
        if (!session.destroy || session.written.length === 0) return []
        return session.finals.flatMap((final) =>
          isWitness(final) ? [] : endsWith(final, { seen: newestOf(session) }),
        )
      }),
  },
  {
    name: 'a session was set back to an older version at the end',
    breaks: 7,
    edits: ({ sessions }) =>
      sessions.flatMap(({ finals, written }) =>
        finals
          .filter(isWitness)
          .flatMap(({ operation }) =>
            written.slice(0, -1).map(({ seen }) => sees(operation, seen)),
          ),
      ),
  },
  {
    name: 'nobody looks at the end of one session',
    breaks: 7,
    edits: ({ history, sessions }) =>
      history.operations
        .filter(({ kind }) => kind === 'final')
        .filter(({ session }) => sessions.some((one) => one.session === session && isTold(one)))
        .map((final) =>
          endsWith(final, { type: 'fail', error: 'LedgerUnavailableError', seen: undefined }),
        ),
  },
  {
    name: "a reply is another session's",
    breaks: 8,
    edits: ({ sessions }) =>
      sessions.flatMap(({ reads }, index) =>
        reads.flatMap(({ operation }) =>
          sessions
            .filter((_, other) => other !== index)
            .flatMap((other) => other.reads.slice(0, 1))
            .map(({ seen }) => sees(operation, seen)),
        ),
      ),
  },
  {
    name: "a content has another session's label",
    breaks: 8,
    edits: ({ sessions }) =>
      sessions.flatMap(({ written }) =>
        written.map(({ operation }) => sees(operation, { label: 'another' })),
      ),
  },
  {
    name: "a content holds another session's key",
    breaks: 8,
    edits: ({ sessions, history }) =>
      sessions.flatMap(({ session, reads }) => {
        const others = history.operations.filter((one) => one.key && one.session !== session)
        return reads.flatMap((read) => others.slice(0, 3).map((one) => withKey(read, one.key!)))
      }),
  },
]

function isTold({ acknowledged }: SessionHistory): boolean {
  return acknowledged.length > 0
}

function withKey({ operation, seen }: Witness, key: string) {
  return sees(operation, { keys: [...seen.keys, key] })
}

function withoutEach({ operation, seen }: Witness, writes: readonly Operation[]) {
  return writes
    .filter(({ key }) => key !== undefined && seen.keys.includes(key))
    .map((write) => sees(operation, { keys: seen.keys.filter((key) => key !== write.key) }))
}

/** Adds keys of such writes of its own session to what a read saw. */
function strangeKeys(
  { history, sessions }: CorrectScene,
  isStrange: (write: Operation, read: Operation) => boolean,
) {
  return sessions.flatMap(({ session, reads }) => {
    const writes = history.operations.filter((one) => one.session === session && one.key)
    return reads.flatMap((read) =>
      writes
        .filter((write) => isStrange(write, read.operation))
        .map((write) => withKey(read, write.key!)),
    )
  })
}
