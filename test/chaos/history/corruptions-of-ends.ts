import { beginsAt, endsWith, newestOf, samples, together, type Corruption } from './corruption.js'
import { isWitness, type SessionHistory } from './session-history.js'

/** Ways to break invariants 5, 6, 9 and 10. */
export const corruptionsOfEnds: readonly Corruption[] = [
  {
    name: 'a destroyed session is read',
    breaks: 5,
    edits: ({ sessions, staleness }) =>
      sessions.flatMap((session) => {
        const { destroy, absences, written } = session
        if (!destroy || written.length === 0) return []
        return absences
          .filter(
            ({ kind, invokedAt }) => kind === 'read' && invokedAt > destroy.endedAt + staleness,
          )
          .map((read) => endsWith(read, { seen: newestOf(session) }))
      }),
  },
  {
    name: 'a destroy is acknowledged before reads know of it',
    breaks: 5,
    edits: ({ sessions, staleness }) =>
      sessions.flatMap((session) => {
        const { reads, acknowledged, destroy } = session
        const last = reads.at(-1)
        if (!destroy || !last) return []
        const at = last.operation.invokedAt - staleness - 0.2
        const isWritten = acknowledged.some(({ invokedAt }) => invokedAt > at)
        return isWritten || at > destroy.endedAt ? [] : [endsEarlier(session, at)]
      }),
  },
  {
    name: 'a write is accepted after a destroy',
    breaks: 6,
    edits: ({ sessions }) =>
      sessions.flatMap((session) => {
        const { destroy, absences, written } = session
        if (!destroy || written.length === 0) return []
        return absences
          .filter(({ kind, invokedAt }) => kind === 'write' && invokedAt > destroy.endedAt)
          .map((write) => {
            const { version, keys, label } = newestOf(session)
            const all = write.key === undefined ? keys : [...keys, write.key]
            const seen = { version: version + 1, hash: 'revived', label, keys: all }
            return endsWith(write, { outcome: 'written', seen })
          })
      }),
  },
  {
    name: 'a destroy is acknowledged before writes know of it',
    breaks: 6,
    edits: ({ sessions, staleness }) =>
      sessions.flatMap((session) => {
        const { reads, acknowledged, destroy } = session
        const at = Math.max(...acknowledged.map(({ invokedAt }) => invokedAt)) - 0.2
        if (!destroy || !(at > 1 && at <= destroy.endedAt)) return []
        const isRead = reads.some(({ operation }) => operation.invokedAt > at + staleness)
        return isRead ? [] : [endsEarlier(session, at)]
      }),
  },
  {
    name: 'a read takes too long',
    breaks: 9,
    edits: ({ sessions }) =>
      sessions.flatMap(({ reads }) =>
        reads.map(({ operation }) => endsWith(operation, { at: operation.endedAt + 20 })),
      ),
  },
  {
    name: 'an operation of a worker that lives has no end',
    breaks: 9,
    edits: ({ history: { operations, killed } }) =>
      operations
        .filter(({ kind, worker }) => kind === 'touch' && !killed.has(worker))
        .map(({ completion }) => new Map([[completion!, undefined]])),
  },
  {
    name: 'a queue is too long',
    breaks: 10,
    edits: ({ history }) =>
      history.samples.map((sample) =>
        samples(sample, { queues: { ...sample.queues, commits: 129 } }),
      ),
  },
  {
    name: 'a queue has no limit',
    breaks: 10,
    edits: ({ history }) =>
      history.samples.map((sample) => samples(sample, { queues: { ...sample.queues, other: 0 } })),
  },
  {
    name: 'the heap grows too large',
    breaks: 10,
    edits: ({ history }) => history.samples.map((sample) => samples(sample, { heapUsed: 2e8 })),
  },
]

/** Lets the destroy of a session, which is not there at the end, end at an earlier time. */
function endsEarlier({ destroy, finals }: SessionHistory, at: number) {
  if (finals.some(isWitness)) return new Map()
  const began = beginsAt(destroy!, Math.min(destroy!.invokedAt, at - 0.1))
  return together(began, endsWith(destroy!, { at }))
}
