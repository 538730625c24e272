import type { Clock } from '../core/clock.js'

/** Longer than a pause of a server, or of this process, that is no reason to doubt anything. ms. */
const BRIEF = 1_000

/**
 * How the cache has failed since it answered last. What could not be told to it meanwhile must be
 * applied before it is trusted again (protocol rule 14), and is written down in the ledger. Without
 * the ledger nobody can: then an outage is over only where replies were merely late, for a moment,
 * and this process had nothing to tell. Whoever asked nothing in that moment trusts the cache as well.
 */
export class Outage {
  #since: number | undefined
  #isGrave = false

  constructor(private readonly clock: Clock) {}

  /** A reply did not come in time, to what was asked then. */
  late(askedAt: number): void {
    this.#since ??= askedAt
  }

  /** The cache failed otherwise, or was not told what it must be told. */
  grave(): void {
    this.#isGrave = true
  }

  /** Whether it was no more than a moment's lateness, up to now. */
  get isBrief(): boolean {
    if (this.#isGrave || this.#since === undefined) return false
    return this.clock.monotonic() - this.#since <= BRIEF
  }

  /** The cache answers again, and is trusted. */
  end(): void {
    this.#since = undefined
    this.#isGrave = false
  }
}
