import type { Profiles } from '../profile/profiles.ts'
import type { CaseResult, Figure, GoalOutcome } from '../report/results.ts'
import type { Bench } from '../servers.ts'

/** Something that is measured. */
export interface Case {
  /** As `npm run bench -- <name>` has it. */
  readonly name: string
  readonly title: string

  /** How it is measured, a sentence or two. */
  readonly method: string

  /** @param profiles - where to put profiles of its contestants, if it has any. */
  measure(bench: Bench, profiles?: Profiles): Promise<Measured>
}

/** What came of it. */
export interface Measured {
  readonly figures: readonly Figure[]
  readonly goals: readonly GoalOutcome[]
}

/** Measures a case. */
export async function runCase(each: Case, bench: Bench, profiles?: Profiles): Promise<CaseResult> {
  const { name, title, method } = each
  return { name, title, method, ...(await each.measure(bench, profiles)) }
}
