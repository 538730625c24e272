import type { Operation } from './history.js'
import type { OperationKind } from './operation.js'
import type { SessionHistory } from './session-history.js'

/** How long operations may take, ms; a kind that is not named may take any time. */
export type LatencyLimits = Readonly<Partial<Record<OperationKind, number>>>

/** A time in which other limits hold, for each operation that was under way in it. */
export interface LatencyWindow {
  readonly from: number
  readonly to: number
  readonly latency: LatencyLimits
}

/** What a scenario promises. Times are those of the history's clock, ms. */
export interface Bounds {
  /** For how long an answer may be out of date. Default 0. */
  readonly staleness?: number | ((operation: Operation) => number)

  /**
   * The same when all is mended and quiet, of a session that is orphaned: there may be nobody left to know that it is
   * out of date. Of any other session nothing is out of date then. Default 0.
   */
  readonly settled?: number | ((operation: Operation) => number)

  /**
   * Whether a read acknowledges what it saw to later reads. What it saw may be a commit that its
   * writer has not told Redis of yet, nor its caller: nobody was promised that. Default `false`.
   */
  readonly readsAcknowledge?: boolean

  /** From when on a session may be gone by itself. Default: never. */
  readonly expiry?: (session: string) => number | undefined

  /** Default: any. */
  readonly latency?: LatencyLimits

  /** They hold instead of `latency`; of several, the most generous. Default: none. */
  readonly windows?: readonly LatencyWindow[]

  /** The longest that each queue may be; one that is not named may not be there. Default: any. */
  readonly queues?: Readonly<Record<string, number>>

  /** Bytes. Default: any. */
  readonly heapUsed?: number

  /**
   * Whether replies to commits may be lost: a write that is answered `gone` when it is tried again may have been there
   * before the destroy. Default `false`.
   */
  readonly losesReplies?: boolean

  /** Whether every operation must succeed that comes to an end: Postgres answers throughout. Default `false`. */
  readonly nothingFails?: boolean
}

/** For how long this answer may be out of date. */
export function stalenessOf(
  { staleness = 0, settled = 0 }: Bounds,
  operation: Operation,
  { quietAt, isOrphaned }: Pick<SessionHistory, 'quietAt' | 'isOrphaned'>,
): number {
  const inQuiet = isOrphaned ? settled : 0
  const bound = operation.invokedAt >= quietAt ? inQuiet : staleness
  return typeof bound === 'number' ? bound : bound(operation)
}
