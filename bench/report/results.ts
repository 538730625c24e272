/*
 * What a run of the benchmarks found, as it is kept in results.json. The tables and charts are drawn from this alone.
 */

/** All that one run found. */
export interface Results {
  /** ISO 8601, UTC. */
  readonly measuredAt: string
  readonly machine: Machine

  /** Version of each package and server that took part, by its name. */
  readonly versions: Readonly<Record<string, string>>
  readonly cases: readonly CaseResult[]
}

/** What it ran on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
}

/** What one case found. */
export interface CaseResult {
  /** As `npm run bench -- <name>` has it: `read-redis`. */
  readonly name: string
  readonly title: string

  /** How it was measured, a sentence or two. */
  readonly method: string
  readonly figures: readonly Figure[]
  readonly goals: readonly GoalOutcome[]
}

/** What one contestant did: medians of its rounds. What a case does not measure is left out. */
export interface Figure {
  readonly contestant: string

  /** Operations, requests or rows a second. */
  readonly perSecond?: number

  /** CPU time of the contestant's process for one of them, microseconds. */
  readonly cpuMicros?: number

  /** Latency, ms. */
  readonly p50?: number
  readonly p99?: number

  /** Something else that was measured, by its name with the unit: `{ 'WAL, bytes': 137 }`. */
  readonly more?: Readonly<Record<string, number>>
}

/** Whether a goal was met. */
export interface GoalOutcome {
  /** `throughput against connect-redis`. */
  readonly text: string
  readonly value: number

  /** `×` for a ratio, or `ms`, `bytes`, `KB`, `%`. */
  readonly unit: string
  readonly atLeast?: number
  readonly atMost?: number
}

/** Whether what was measured is within the goal's bound. */
export function isMet({ value, atLeast = -Infinity, atMost = Infinity }: GoalOutcome): boolean {
  return value >= atLeast && value <= atMost
}
