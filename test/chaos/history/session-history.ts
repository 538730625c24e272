import type { Bounds } from './bounds.js'
import { isOwn } from './foreign-data.js'
import { groupBy } from './group-by.js'
import type { History, Operation } from './history.js'
import type { SeenSession } from './operation.js'
import type { Findings } from './violation.js'

/** A committed version, as one operation saw it. */
export interface Witness {
  readonly operation: Operation
  readonly seen: SeenSession

  /** Who wrote its keys, in their order; `undefined` for a key that nobody wrote. */
  readonly writers: readonly (Operation | undefined)[]
}

/** What happened to one session, from its first write to its end. */
export interface SessionHistory {
  readonly session: string

  /** The acknowledged writes that tell what they wrote, by version. */
  readonly written: readonly Witness[]

  /** All acknowledged writes. */
  readonly acknowledged: readonly Operation[]

  /**
   * The writes that may have committed a version that no acknowledged write tells of, by their
   * beginning.
   */
  readonly unexplained: readonly Operation[]

  /** The reads that saw it. */
  readonly reads: readonly Witness[]

  /** What it was in the ledger at the end; a witness where it was there. */
  readonly finals: readonly (Witness | Operation)[]

  /** Whether anybody looked at its end, whatever was found. */
  readonly hasEnd: boolean

  /** The operations that found nothing: reads, and writes of what was gone. */
  readonly absences: readonly Operation[]

  /** The first acknowledged destroy to end. */
  readonly destroy: Operation | undefined

  /** The first destroy to begin, whatever it came to. */
  readonly attempt: Operation | undefined

  /** Whether nobody may be left to know of its last change: who made it was killed, in the midst of it or later. */
  readonly isOrphaned: boolean

  /** From when on all was mended and quiet. */
  readonly quietAt: number
}

/** Whether what was asked for at the end was there. */
export function isWitness(final: Witness | Operation): final is Witness {
  return 'writers' in final
}

/** Those who saw what was committed, without having written it. */
export function observersOf({ reads, finals }: SessionHistory): Witness[] {
  return [...reads, ...finals.filter(isWitness)]
}

/**
 * Sorts a history by session. A reply that carries another session's data tells nothing but its
 * time: invariant 8.
 */
export function* toSessions(
  history: History,
  bounds: Bounds,
  findings: Findings,
): Generator<SessionHistory> {
  const { operations, writers } = history
  for (const [session, own] of groupBy(operations, (operation) => operation.session)) {
    const replies = own.flatMap((operation) => witnessOf(operation, writers) ?? [])
    const sound = replies.filter((witness) => isOwn(witness, findings))
    const witnesses = new Map(sound.map((witness) => [witness.operation, witness]))
    yield toSession(session, own, { witnesses, bounds, history })
  }
}

function witnessOf(
  operation: Operation,
  writers: ReadonlyMap<string, Operation>,
): Witness | undefined {
  const { seen } = operation
  return seen && { operation, seen, writers: seen.keys.map((key) => writers.get(key)) }
}

interface Context {
  readonly witnesses: ReadonlyMap<Operation, Witness>
  readonly bounds: Bounds
  readonly history: Pick<History, 'killed' | 'quietAt'>
}

function toSession(
  session: string,
  operations: readonly Operation[],
  { witnesses, bounds, history }: Context,
): SessionHistory {
  const writes = operations.filter(({ kind }) => kind === 'write')
  const answered = operations.filter(({ result }) => result === 'ok')
  const acknowledged = answered.filter(({ outcome }) => outcome === 'written')
  const reads = answered.filter(({ kind }) => kind === 'read')
  const finals = answered.filter(({ kind }) => kind === 'final')
  const destroys = operations.filter(({ kind }) => kind === 'destroy')
  const witnessed = (some: readonly Operation[]) => some.flatMap((one) => witnesses.get(one) ?? [])
  const written = witnessed(acknowledged).sort((a, b) => a.seen.version - b.seen.version)
  const destroy = least(
    destroys.filter(({ result }) => result === 'ok'),
    (one) => one.endedAt,
  )
  const unknown = [...writes, ...destroys].filter(({ result }) => result === 'unknown')
  const last = destroy ?? written.at(-1)?.operation
  return {
    session,
    acknowledged,
    written,
    unexplained: writes
      .filter((write) => isUnexplained(write, { witnesses, bounds }))
      .sort((a, b) => a.invokedAt - b.invokedAt),
    reads: witnessed(reads),
    finals: finals.flatMap((final) => witnesses.get(final) ?? (final.seen ? [] : final)),
    hasEnd: finals.length > 0,
    absences: [
      ...reads.filter(({ seen }) => !seen),
      ...answered.filter(({ outcome }) => outcome === 'gone'),
    ],
    destroy,
    attempt: least(destroys, (one) => one.invokedAt),
    isOrphaned: [...unknown, last].some((one) => one && history.killed.has(one.worker)),
    quietAt: history.quietAt,
  }
}

function isUnexplained(
  write: Operation,
  { witnesses, bounds }: Pick<Context, 'witnesses' | 'bounds'>,
): boolean {
  if (write.result === 'unknown') return true
  if (write.outcome !== 'written') return write.outcome === 'gone' && bounds.losesReplies === true
  return !witnesses.has(write)
}

function least(
  operations: readonly Operation[],
  of: (operation: Operation) => number,
): Operation | undefined {
  let first: Operation | undefined
  for (const operation of operations) if (!first || of(operation) < of(first)) first = operation
  return first
}
