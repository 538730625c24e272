import type {
  Completion,
  FaultEvent,
  HistoryEvent,
  Invocation,
  OperationKind,
  SampleEvent,
  SeenSession,
} from './operation.js'

/** An invocation with its end. */
export interface Operation {
  readonly id: string
  readonly worker: string
  readonly kind: OperationKind
  readonly session: string
  readonly key: string | undefined
  readonly invokedAt: number

  /** Infinity where its end is missing. */
  readonly endedAt: number

  /** `unknown` also where its end is missing. */
  readonly result: Completion['type']
  readonly outcome: Completion['outcome']
  readonly seen: SeenSession | undefined
  readonly error: string | undefined
  readonly invocation: Invocation
  readonly completion: Completion | undefined
}

/** What workers did, operation by operation. */
export interface History {
  /** In the order of their invocations, worker by worker. */
  readonly operations: readonly Operation[]

  /** Which write puts which key. */
  readonly writers: ReadonlyMap<string, Operation>
  readonly samples: readonly SampleEvent[]
  readonly faults: readonly FaultEvent[]

  /** From when on all was mended and quiet; Infinity where it never was. */
  readonly quietAt: number

  /** The workers whose last operations may have no end. */
  readonly killed: ReadonlySet<string>
}

/** A history that says nothing reliable: a garbled line, or an end without a beginning. */
export class MalformedHistoryError extends Error {
  override readonly name = 'MalformedHistoryError'
  readonly code = 'ERR_MALFORMED_HISTORY'
}

/**
 * Pairs the events of all workers. Those of one worker come in its order; the workers may come one
 * after another.
 *
 * @throws {@link MalformedHistoryError} where an operation or a key is not unique, an end has no
 * beginning, two ends or an earlier time, or an acknowledged write or destroy does not tell what it
 * came to.
 */
export function toHistory(
  events: Iterable<HistoryEvent>,
  killed: ReadonlySet<string> = new Set(),
): History {
  const operations = new Map<string, Draft>()
  const samples: SampleEvent[] = []
  const faults: FaultEvent[] = []
  let quietAt = Infinity
  for (const event of events) {
    if (event.type === 'sample') samples.push(event)
    else if (event.type === 'fault') faults.push(event)
    else if (event.type === 'quiet') quietAt = event.at
    else if (event.type === 'invoke') begin(operations, event)
    else end(operations.get(event.operation), event)
  }
  const all = [...operations.values()]
  return { operations: all, writers: writersOf(all), samples, faults, quietAt, killed }
}

/** The lines of an operation, as its worker logged them. */
export function linesOf({ invocation, completion }: Operation): string {
  const lines = [JSON.stringify(invocation)]
  lines.push(completion ? JSON.stringify(completion) : `(${invocation.operation} has no end)`)
  return lines.join('\n')
}

/** An operation whose end may still come. */
type Draft = { -readonly [K in keyof Operation]: Operation[K] }

function begin(operations: Map<string, Draft>, invocation: Invocation): void {
  const { operation: id, worker, kind, session, key, at } = invocation
  if (operations.has(id)) throw new MalformedHistoryError(`${id} begins twice`)
  operations.set(id, {
    id,
    worker,
    kind,
    session,
    key,
    invokedAt: at,
    endedAt: Infinity,
    result: 'unknown',
    outcome: undefined,
    seen: undefined,
    error: undefined,
    invocation,
    completion: undefined,
  })
}

function end(draft: Draft | undefined, completion: Completion): void {
  const problem = draft ? endProblem(draft, completion) : 'ends without a beginning'
  if (problem) throw new MalformedHistoryError(`${completion.operation} ${problem}`)
  if (!draft) return
  draft.endedAt = completion.at
  draft.result = completion.type
  draft.outcome = completion.outcome
  draft.seen = completion.seen
  draft.error = completion.error
  draft.completion = completion
}

function endProblem(draft: Draft, { at, type, outcome, seen }: Completion): string | undefined {
  const { kind } = draft
  if (draft.completion) return 'ends twice'
  if (at < draft.invokedAt) return 'ends before it begins'
  if (type !== 'ok') return undefined
  const isWritten = outcome === 'written'
  if (kind === 'write' && !isWritten && outcome !== 'gone' && outcome !== 'dropped') {
    return 'is a write that does not tell what it came to'
  }
  if (kind === 'write' && isWritten && !seen) return 'is a write that does not tell what it wrote'
  if (kind === 'destroy' && outcome !== 'ended' && outcome !== 'absent') {
    return 'is a destroy that does not tell what it came to'
  }
  return undefined
}

function writersOf(operations: readonly Operation[]): Map<string, Operation> {
  const writers = new Map<string, Operation>()
  for (const operation of operations) {
    const { id, kind, key } = operation
    if (kind !== 'write' || key === undefined) continue
    const other = writers.get(key)
    if (other) throw new MalformedHistoryError(`${id} and ${other.id} write one key`)
    writers.set(key, operation)
  }
  return writers
}
