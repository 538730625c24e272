import { linesOf, type Operation } from './history.js'

/** What a history must show, by number. */
export const invariants = {
  1: 'a version is minted once',
  2: 'a later write has a higher version',
  3: 'a read is not older than what was acknowledged before it',
  4: 'a value is what was written at its version',
  5: 'nothing is read after a destroy',
  6: 'nothing is written after a destroy',
  7: 'nothing acknowledged is lost',
  8: "no reply carries another session's data",
  9: 'every operation ends in time',
  10: 'every queue is bounded',
  11: 'a failure is a typed error, and there is none once all is quiet',
} as const

/** The number of an invariant. */
export type InvariantNumber = keyof typeof invariants

/** One broken invariant. */
export interface Violation {
  readonly invariant: InvariantNumber
  readonly name: (typeof invariants)[InvariantNumber]

  /** Left out where it is not about one. */
  readonly session?: string

  /** What is wrong, with the versions, keys or times. */
  readonly what: string

  /** The lines of the operations involved, the cause first. */
  readonly lines: readonly string[]
}

/** What is wrong, and who took part in it. */
export interface Finding {
  readonly session?: string
  readonly what: string
  readonly operations?: readonly Operation[]
  readonly lines?: readonly string[]
}

/** So many of one invariant tell enough about one session: more would only follow from them. */
const MOST_OF_A_SESSION = 10

/** Gathers violations. */
export class Findings {
  readonly violations: Violation[] = []
  readonly #counts = new Map<string, number>()

  add(invariant: InvariantNumber, { session, what, operations = [], lines = [] }: Finding): void {
    const subject = `${invariant} ${session ?? ''}`
    const count = this.#counts.get(subject) ?? 0
    if (count >= MOST_OF_A_SESSION) return
    this.#counts.set(subject, count + 1)
    this.violations.push({
      invariant,
      name: invariants[invariant],
      ...(session !== undefined && { session }),
      what,
      lines: [...operations.map(linesOf), ...lines],
    })
  }
}

/** A violation in words, for a failed assertion. */
export function toMessage({ invariant, name, session, what, lines }: Violation): string {
  const where = session === undefined ? '' : ` in ${session}`
  return [`Invariant ${invariant} (${name}) is broken${where}: ${what}`, ...lines].join('\n')
}
