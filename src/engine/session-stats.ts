import type { LedgerStats } from '../core/ledger.js'
import type { EngineCounts } from './metrics.js'
import type { Tiers } from './tiers.js'

/** Rows by state, and what this process has done since it started. */
export interface SessionStats extends LedgerStats {
  readonly counts: EngineCounts
}

/** Asks the ledger for its rows, and adds what was counted here. */
export async function countSessions({ lists, metrics }: Tiers): Promise<SessionStats> {
  return { ...(await lists.count()), counts: metrics.snapshot() }
}
