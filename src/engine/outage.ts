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
  #lateSince: number | undefined
  #graveAt: number | undefined

  constructor(private readonly clock: Clock) {}

  /** A reply did not come in time, to what was asked then. */
  late(askedAt: number): void {
    this.#lateSince ??= askedAt
  }

  /** The cache failed otherwise, or was not told what it must be told. */
  grave(): void {
    this.#graveAt = this.clock.monotonic()
  }

  /** Whether it was no more than a moment's lateness, up to now. */
  get isBrief(): boolean {
    if (this.#graveAt !== undefined || this.#lateSince === undefined) return false
    return this.clock.monotonic() - this.#lateSince <= BRIEF
  }

  /** A reply came in time; what could not be told before is untold still. */
  answered(): void {
    this.#lateSince = undefined
  }

  /** What could not be told up to then was applied. */
  applied(upTo: number): void {
    if (this.#graveAt !== undefined && this.#graveAt <= upTo) this.#graveAt = undefined
  }

  /** The cache is trusted again. */
  end(): void {
    this.#lateSince = undefined
    this.#graveAt = undefined
  }
}
