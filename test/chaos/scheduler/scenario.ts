import type { Bounds } from '../history/bounds.js'
import type { History } from '../history/history.js'
import type { OperationKind } from '../history/operation.js'
import type { Mix, WorkerOptions } from '../worker/commands.js'
import type { Stage } from './stage.js'

/** A time, ms, or a range from which the seed takes one. */
export type Span = number | readonly [from: number, to: number]

/** Something that goes wrong, and how it is mended. */
export interface Fault {
  readonly name: string
  begin(stage: Stage): Promise<void> | void

  /** Left out where only the end of the scenario mends it, or nothing needs to be. */
  end?(stage: Stage): Promise<void> | void
}

/** A fault, and when: so long after the load began, for so long. */
export interface TimedFault {
  readonly fault: Fault
  readonly at: Span

  /** Default: until the load is over. */
  readonly lasts?: Span
}

/** What each worker does on its own; half of the sessions are not changed to its end, so that nothing mends what was lost. */
export interface Load {
  /** For how long. */
  readonly ms: number

  /** What its labels begin with. Default `s`. */
  readonly names?: string

  /** How many labels all workers share. Default 12. */
  readonly sessions?: number

  /** How many operations each worker has under way. Default 8. */
  readonly concurrency?: number

  /** The longest rest after an operation, ms. Default 128. */
  readonly rest?: number

  /** Default: 6 reads to 3 writes, 1 touch and 0.3 destroys. */
  readonly mix?: Mix
}

/** What must at least have happened, so that a scenario shows what it is to show. */
export interface Expectations {
  /** Operations that were `ok`, by kind. */
  readonly ok?: Readonly<Partial<Record<OperationKind, number>>>

  /** Operations that failed, or of which nothing is known. */
  readonly failed?: number

  /** Reads that found a session, by the tier that answered. */
  readonly tiers?: Readonly<Record<string, number>>

  /** Events that the engines told of. */
  readonly events?: Readonly<Record<string, number>>

  /** Faults that were noted, by name; each of them on nine seeds of ten, the number on all of them together. */
  readonly faults?: Readonly<Record<string, number>>
}

/** A load, and what goes wrong meanwhile. */
export interface Scenario {
  /** A sentence: what holds. */
  readonly name: string

  /** Default 2. */
  readonly workers?: number

  /**
   * How each worker, by its number from 0, opens its sessions. Default: a `ledgerTimeout` of a second, or of ten where
   * nothing may fail.
   */
  readonly options?: (worker: number) => Partial<WorkerOptions>
  readonly load?: Load
  readonly faults?: readonly TimedFault[]

  /** What the coordinator does meanwhile, step by step. */
  readonly script?: (stage: Stage) => Promise<void>
  readonly expect: Expectations

  /** Of queues and heap the default is {@link USUAL_LIMITS}. */
  readonly bounds?: Bounds

  /** What of the history is to be judged, where a fault undoes what was promised before it. Default: all. */
  readonly judged?: (history: History) => History
}
