/** What the engine counted since it was opened. */
export interface EngineCounts {
  /** Reads that this process's own memory answered. */
  readonly nearReads: number

  /** Reads that the cache answered. */
  readonly cacheReads: number

  /** Reads that the ledger answered. */
  readonly ledgerReads: number

  /** Reads that asked the ledger as well, because the cache was slow. */
  readonly hedgedReads: number

  /** Reads that found no session. */
  readonly absentReads: number

  /** Writes that were committed. */
  readonly writes: number

  /** Writes that met another request's. */
  readonly conflicts: number

  /** Sessions that were ended one by one. */
  readonly revocations: number

  /** Touches that were persisted: what is absent, or has ended, takes none. */
  readonly touches: number

  /** Touches that moved the expiry too little to be persisted. */
  readonly touchesSkipped: number
}

/** Counts; reading them changes nothing. */
export class Metrics {
  readonly #counts: Record<keyof EngineCounts, number> = {
    nearReads: 0,
    cacheReads: 0,
    ledgerReads: 0,
    hedgedReads: 0,
    absentReads: 0,
    writes: 0,
    conflicts: 0,
    revocations: 0,
    touches: 0,
    touchesSkipped: 0,
  }

  count(name: keyof EngineCounts, by = 1): void {
    this.#counts[name] += by
  }

  snapshot(): EngineCounts {
    return { ...this.#counts }
  }
}
