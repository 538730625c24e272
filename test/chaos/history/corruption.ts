import type { Bounds } from './bounds.js'
import { toHistory, type History, type Operation } from './history.js'
import type { Completion, HistoryEvent, Invocation, SampleEvent, SeenSession } from './operation.js'
import { isWitness, toSessions, type SessionHistory, type Witness } from './session-history.js'
import type { SimulatedHistory, Size } from './simulated-history.js'
import { Findings, type InvariantNumber } from './violation.js'

/** Other events in place of those of a history; `undefined` leaves one out. */
export type Edit = ReadonlyMap<HistoryEvent, HistoryEvent | undefined>

/** A way to break one invariant, and no other. */
export interface Corruption {
  readonly name: string
  readonly breaks: InvariantNumber

  /** Of the histories in which it is done. Default: any. */
  readonly size?: Partial<Size>

  /** What is promised of them besides. */
  readonly bounds?: Bounds

  /** Everywhere in a correct history where this can be done. */
  edits(scene: CorrectScene): Edit[]
}

/** A correct history, as a corruption looks at it. */
export interface CorrectScene {
  readonly history: History
  readonly sessions: readonly SessionHistory[]
  readonly staleness: number
  mayExpire(session: string): boolean
}

/** Looks at a correct history. */
export function toScene({ events, killed, bounds }: SimulatedHistory): CorrectScene {
  const history = toHistory(events, killed)
  return {
    history,
    sessions: [...toSessions(history, bounds, new Findings())],
    staleness: Number(bounds.staleness),
    mayExpire: (session) => Number.isFinite(bounds.expiry?.(session)),
  }
}

/** The events after an edit. */
export function applyEdit(events: readonly HistoryEvent[], edit: Edit): HistoryEvent[] {
  return events.flatMap((event) => (edit.has(event) ? (edit.get(event) ?? []) : event))
}

/** Ends an operation differently. */
export function endsWith(
  { completion }: Operation,
  change: { readonly [K in keyof Completion]?: Completion[K] | undefined },
): Edit {
  return new Map([[completion!, { ...completion, ...change } as Completion]])
}

/** Shows an operation something else. */
export function sees(operation: Operation, change: Partial<SeenSession>): Edit {
  return endsWith(operation, { seen: { ...operation.seen!, ...change } })
}

/** Begins an operation at another time. */
export function beginsAt({ invocation }: Operation, at: number): Edit {
  return new Map([[invocation, { ...invocation, at } satisfies Invocation]])
}

/** Several edits of different events. */
export function together(...edits: readonly Edit[]): Edit {
  return new Map(edits.flatMap((edit) => [...edit]))
}

/** Samples something else. */
export function samples(sample: SampleEvent, change: Partial<SampleEvent>): Edit {
  return new Map([[sample, { ...sample, ...change }]])
}

/** Pairs of writes with versions one after another, which nobody else saw. */
export function unseenPairs(session: SessionHistory): (readonly [Witness, Witness])[] {
  const observed = new Set(observersIn(session).map(({ seen }) => seen.version))
  return session.written.slice(1).flatMap((later, index) => {
    const earlier = session.written[index]!
    const isUnseen = !observed.has(earlier.seen.version) && !observed.has(later.seen.version)
    const isNext = earlier.seen.version + 1 === later.seen.version
    return isUnseen && isNext ? [[earlier, later] as const] : []
  })
}

/** All that saw it without having written it. */
export function observersIn({ reads, finals }: SessionHistory): Witness[] {
  return [...reads, ...finals.filter(isWitness)]
}

/** The newest of all that was seen. */
export function newestOf(session: SessionHistory): SeenSession {
  const all = [...session.written, ...observersIn(session)].map(({ seen }) => seen)
  return all.reduce((a, b) => (b.version > a.version ? b : a))
}
