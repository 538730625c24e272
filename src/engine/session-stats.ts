import type { LedgerStats } from '../core/ledger.js'
import type { EngineCounts } from './metrics.js'

/** Rows by state, and what this process has done since it started. */
export interface SessionStats extends LedgerStats {
  readonly counts: EngineCounts
}
