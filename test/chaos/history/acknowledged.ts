import type { Witness } from './session-history.js'

/** The highest version that was acknowledged at any time. */
export class Acknowledged {
  readonly #times: readonly number[]
  readonly #highest: readonly Witness[]

  constructor(witnesses: readonly Witness[]) {
    const sorted = witnesses.toSorted((a, b) => a.operation.endedAt - b.operation.endedAt)
    const highest: Witness[] = []
    for (const witness of sorted) {
      const last = highest.at(-1)
      highest.push(last && last.seen.version >= witness.seen.version ? last : witness)
    }
    this.#times = sorted.map(({ operation }) => operation.endedAt)
    this.#highest = highest
  }

  /** The one of all that had ended by then. */
  by(at: number): Witness | undefined {
    return this.#highest[countUntil(this.#times, (time) => time <= at) - 1]
  }

  /** The one of all that had ended before. */
  before(at: number): Witness | undefined {
    return this.#highest[countUntil(this.#times, (time) => time < at) - 1]
  }
}

/** How many, at the beginning of a sorted list, are such. */
export function countUntil<T>(sorted: readonly T[], isSuch: (item: T) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isSuch(sorted[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}
