import type { Clock } from '../core/clock.js'
import { within } from './deadline.js'

/** Longer than a pause of a server, or of this process, that is no reason to doubt anything. ms. */
const BRIEF = 1_000

/** How long a ledger is waited for of which it is known already that it does not answer, ms. */
const PATIENCE = 500

/** What is written down, and has to be applied before the cache is trusted again. */
export interface Repairing {
  /** Rejects where the ledger or the cache can not be reached. */
  apply(): Promise<void>

  /** Whether the ledger, when it was asked last for what is written down, has not said it. */
  readonly isUnread: boolean
}

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

  /**
   * Applies what is written down, and answers whether that was done: after no more than a moment's
   * lateness it need not be, where the ledger does not answer. Rejects where the cache can not be
   * trusted.
   */
  async mend(repairing: Repairing): Promise<boolean> {
    const isBrief = this.#isBrief
    // It may have become grave meanwhile, and the ledger may have answered.
    const isOver = (): boolean => isBrief && repairing.isUnread && !this.#isGrave
    const isSilent = isOver()
    const applying = repairing.apply()
    try {
      const isLate = isSilent && (await within(applying, PATIENCE, this.clock)) === 'late'
      if (isLate && isOver()) return false
      await applying
      return true
    } catch (error) {
      if (isOver()) return false
      throw error
    }
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

  /** Whether replies have been late for longer than a moment. */
  get isLong(): boolean {
    return this.#lateSince !== undefined && this.clock.monotonic() - this.#lateSince > BRIEF
  }

  /** Whether it was no more than a moment's lateness, up to now. */
  get #isBrief(): boolean {
    return !this.#isGrave && this.#lateSince !== undefined && !this.isLong
  }
}
