import type { Clock } from '../core/clock.js'

/** Longer than a pause of a server, or of this process, that is no reason to doubt anything. ms. */
const BRIEF = 1_000

/**
 * How the cache has failed since it answered last. Before it is trusted again, all repairs are
 * applied that are written down in the ledger (protocol rule 14). Without the ledger nobody can:
 * then an outage is over only where replies were merely late, for a moment. Whoever asked nothing in
 * that moment trusts the cache as well.
 */
export class Outage {
  #lateSince: number | undefined
  #isGrave = false

  constructor(private readonly clock: Clock) {}

  /** A reply did not come in time, to what was asked then. */
  late(askedAt: number): void {
    this.#lateSince ??= askedAt
  }

  /** The cache failed otherwise. */
  grave(): void {
    this.#isGrave = true
  }

  get isGrave(): boolean {
    return this.#isGrave
  }

  /** Whether it was no more than a moment's lateness, up to now. */
  get isBrief(): boolean {
    if (this.#isGrave || this.#lateSince === undefined) return false
    return this.clock.monotonic() - this.#lateSince <= BRIEF
  }

  /** What was late is answered after all, and all works. */
  answered(): void {
    this.#lateSince = undefined
  }

  /** A reply came in time, or the cache is trusted again. */
  end(): void {
    this.#lateSince = undefined
    this.#isGrave = false
  }
}
