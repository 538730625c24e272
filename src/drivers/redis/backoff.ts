/**
 * How long to wait between attempts to connect: from 50 ms to 3 s, with decorrelated jitter, so that
 * a fleet does not come back all at once.
 */
export class Backoff {
  readonly #random: () => number
  #delay = SHORTEST_DELAY

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** The time until the next attempt, ms. */
  next(): number {
    const spread = this.#delay * 3 - SHORTEST_DELAY
    this.#delay = Math.min(LONGEST_DELAY, SHORTEST_DELAY + this.#random() * spread)
    return this.#delay
  }

  /** Begins anew: an attempt went well. */
  reset(): void {
    this.#delay = SHORTEST_DELAY
  }
}

const SHORTEST_DELAY = 50
const LONGEST_DELAY = 3000
