import type { OpenSessionsOptions } from '../../../src/index.js'
import type { HistoryEvent } from '../history/operation.js'

/** How a worker opens its sessions; what is not said is the library's default, or what suits a short test. */
export interface WorkerOptions extends Omit<
  OpenSessionsOptions,
  'redis' | 'prisma' | 'pool' | 'ledger' | 'clock' | 'logger' | 'serializer' | 'ttl' | 'userId'
> {
  readonly redisUrl: string
  readonly databaseUrl: string

  /** The most connections to Postgres. Default 4. */
  readonly connections?: number

  /** How far this worker's wall clock is off, ms. Default 0. */
  readonly clockOffset?: number
}

/** How often each kind of operation comes, in relation to the others. */
export interface Mix {
  readonly read: number
  readonly write: number
  readonly touch: number
  readonly destroy: number
}

/** What a worker does on its own, until the time or the operations are over. */
export interface Workload {
  readonly seed: number

  /** Labels; where a session was destroyed, its place is taken by a new one: `label.1`, `label.2`, … */
  readonly sessions: readonly string[]

  /** How many operations are under way at once. */
  readonly concurrency: number
  readonly ms?: number
  readonly operations?: number
  readonly mix: Mix

  /**
   * How long the load takes that this is, or ends, ms: every other session lives through it, is written up to a time of
   * its own, and only read after that. So some are written last while something is broken, and nothing that comes
   * later (a write, a touch, another session in its place) mends what was lost then. Default: all are changed to the end.
   */
  readonly settlesOver?: number

  /** The longest rest after an operation, ms. Default 128. */
  readonly rest?: number
}

/** A place in a worker where it may be stopped: a method of the Postgres ledger or the Redis cache. */
export type Step = `${'ledger' | 'cache'}.${string}`

/** How often a step was called, and how many calls of it were under way at once. */
export interface StepCount {
  readonly calls: number
  readonly most: number
}

/** What a worker is told. */
export type Command =
  | { readonly do: 'open'; readonly name: string; readonly options: WorkerOptions }
  | { readonly do: 'work'; readonly workload: Workload }
  | { readonly do: 'read' | 'write' | 'touch' | 'destroy'; readonly session: string }
  | { readonly do: 'begin'; readonly session: string; readonly user?: string }
  | { readonly do: 'write all' | 'touch all'; readonly sessions: readonly string[] }
  | { readonly do: 'destroy user'; readonly user: string }
  | { readonly do: 'hold'; readonly step: Step; readonly when: 'before' | 'after' }
  | { readonly do: 'reached' | 'release'; readonly step: Step }
  | { readonly do: 'count steps' | 'sweep' | 'sample' }
  | { readonly do: 'close' }

/** How a worker does. */
export interface Sample {
  readonly status: string

  /** How much waits, by queue. */
  readonly queues: Readonly<Record<string, number>>

  /** Bytes in use after the last collection, two seconds ago at most. */
  readonly heapUsed: number

  /** How often each event of the engine came. */
  readonly events: Readonly<Record<string, number>>
}

/** A line that a worker prints: an event of the history, or the answer to a command by its number. */
export type WorkerLine =
  | HistoryEvent
  | {
      readonly type: 'answer'
      readonly command: number
      readonly value?: unknown
      readonly error?: string
    }
