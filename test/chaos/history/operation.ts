/*
 * What a worker of the chaos suite logs: one line of JSON when an operation begins, and one when it ends. An operation
 * whose end is missing (its worker was killed) has an unknown outcome.
 */

/** What was asked of the engine. `final`: what the ledger itself holds at the end, read by the coordinator. */
export type OperationKind = 'read' | 'write' | 'touch' | 'destroy' | 'final'

/** The beginning of an operation. */
export interface Invocation {
  readonly type: 'invoke'

  /** Unique in the history: the worker's name and a number. */
  readonly operation: string
  readonly worker: string
  readonly kind: OperationKind

  /** Which session, by the label that its content carries as `label`. */
  readonly session: string

  /** CLOCK_MONOTONIC, ms with fractions: one clock for all processes of a machine (`process.hrtime`). */
  readonly at: number

  /** A write puts this key, which no other write puts, into the session. */
  readonly key?: string
}

/** The end of an operation. */
export interface Completion {
  readonly type: 'ok' | 'fail' | 'unknown'
  readonly operation: string
  readonly at: number

  /** The session as it was read or written; left out where there was none (a read), or nothing was written. */
  readonly seen?: SeenSession

  /** What a write or a destroy that is `ok` came to. */
  readonly outcome?: 'written' | 'gone' | 'dropped' | 'ended' | 'absent'

  /** The name of the error, where it failed; whether it is unknown what became of it is the `type`. */
  readonly error?: string
}

/** A committed version, as one operation saw it. */
export interface SeenSession {
  readonly version: number

  /** SHA-256 of the serialized content, base64url. */
  readonly hash: string

  /** The content's `label`: whose session it is. */
  readonly label: string

  /** The unique keys in the content. */
  readonly keys: readonly string[]

  /** Which tier answered, where it was read. */
  readonly tier?: string
}

/** A fault that the coordinator made, for whoever reads a history. */
export interface FaultEvent {
  readonly type: 'fault'
  readonly at: number
  readonly fault: string
}

/** How much waits in a worker, and how much memory it uses, at one moment. */
export interface SampleEvent {
  readonly type: 'sample'
  readonly worker: string
  readonly at: number

  /** How many wait in each queue. */
  readonly queues: Readonly<Record<string, number>>

  /** Bytes. */
  readonly heapUsed: number
}

/** From here on everything works again, nothing waits anywhere, and nobody changes anything. */
export interface QuietEvent {
  readonly type: 'quiet'
  readonly at: number
}

/** One line of a history. */
export type HistoryEvent = Invocation | Completion | FaultEvent | SampleEvent | QuietEvent
