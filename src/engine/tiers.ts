import type { SessionBus } from '../core/bus.js'
import type { SessionCache } from '../core/cache.js'
import type { Codec } from '../core/codec.js'
import { createEvents, type EventHub } from '../core/events.js'
import type { SessionLedger } from '../core/ledger.js'
import type { NearTier } from '../core/near.js'
import type { EngineSettings } from '../core/session-options.js'
import { GuardedCache } from './guarded-cache.js'
import { GuardedLedger } from './guarded-ledger.js'
import { LedgerLists } from './ledger-lists.js'
import { Metrics } from './metrics.js'
import { RepairQueue } from './repair-queue.js'

/** What the engine's paths share. */
export interface Tiers {
  /** `undefined` where this process remembers nothing by itself. */
  readonly near: NearTier | undefined

  /** There where this process remembers something. */
  readonly bus: SessionBus | undefined
  readonly ledger: GuardedLedger
  readonly lists: LedgerLists

  /** `undefined` where sessions are in the ledger alone. */
  readonly cache: GuardedCache | undefined

  /** There where a cache is. */
  readonly repairs: RepairQueue | undefined
  readonly codec: Codec
  readonly events: EventHub
  readonly metrics: Metrics
  readonly settings: EngineSettings
}

/** How long a cache repeats the ledger's tombstone before the ledger is asked again, ms. */
export const BURIED_FOR = 60_000

/** What an engine is made of. */
export interface EngineParts {
  readonly ledger: SessionLedger
  readonly cache?: SessionCache | undefined

  /** This process's own memory, and the bus that keeps it true. The engine starts and closes both. */
  readonly near?: { readonly tier: NearTier; readonly bus: SessionBus } | undefined
  readonly settings: EngineSettings

  /**
   * Rejects where something that was asked for can never work, such as a driver that is not
   * installed.
   */
  readonly loaded?: Promise<void> | undefined

  /** Where events go, if ledger or cache have some of their own to tell. */
  readonly events?: EventHub | undefined
}

/** Puts the guards around ledger and cache, and what mends the cache beside them. */
export function createTiers({
  ledger,
  cache,
  near,
  settings,
  events = createEvents(settings.logger),
}: EngineParts): Tiers {
  const { clock, redisTimeout, ledgerTimeout, codec } = settings
  const guarded = new GuardedLedger({ ledger, timeout: ledgerTimeout, clock, events })
  const metrics = new Metrics()
  const memory = { near: near?.tier, bus: near?.bus }
  const lists = new LedgerLists(guarded)
  const shared = { ...memory, ledger: guarded, lists, codec, events, metrics, settings }
  if (!cache) return { ...shared, cache: undefined, repairs: undefined }
  const repairs: RepairQueue = new RepairQueue({
    ledger: guarded,
    cache: () => guardedCache,
    clock,
    events,
  })
  const guardedCache = new GuardedCache({
    cache,
    timeout: redisTimeout,
    clock,
    events,
    repairing: repairs,
  })
  return { ...shared, cache: guardedCache, repairs }
}
