import type { Codec } from '../core/codec.js'
import type { EventHub } from '../core/events.js'
import type { EngineSettings } from '../core/session-options.js'
import type { GuardedCache } from './guarded-cache.js'
import type { GuardedLedger } from './guarded-ledger.js'
import type { Metrics } from './metrics.js'
import type { RepairQueue } from './repair-queue.js'

/** What the engine's paths share. */
export interface Tiers {
  readonly ledger: GuardedLedger

  /** `undefined` where sessions are in the ledger alone. */
  readonly cache: GuardedCache | undefined

  /** There where a cache is. */
  readonly repairs: RepairQueue | undefined
  readonly codec: Codec
  readonly events: EventHub
  readonly metrics: Metrics
  readonly settings: EngineSettings
}

/** Above every version of a session: the column that holds them has no higher one. */
export const MAX_VERSION = 2 ** 31 - 1

/** How long a cache repeats the ledger's tombstone before the ledger is asked again, ms. */
export const BURIED_FOR = 60_000
