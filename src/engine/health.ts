import type { Clock } from '../core/clock.js'
import { toSessionId } from '../core/session-id.js'
import type { Tiers } from './tiers.js'

/** Whether a tier answers. */
export interface TierHealth {
  readonly name: string
  readonly isReachable: boolean

  /** How long it took to answer, ms. */
  readonly latency?: number

  /** The `code` or name of its error. */
  readonly problem?: string
}

/** What the near cache is good for. */
export interface NearHealth {
  /** Whether it is believed: while the bus is not heard it is not, and `redis` answers. */
  readonly isBelieved: boolean

  /** How many sessions are remembered. */
  readonly sessions: number
}

/** Whether sessions can be served. */
export interface EngineHealth {
  /**
   * `ok`: all tiers answer. `degraded`: the cache does not, the ledger serves alone. `down`: the
   * ledger does not answer; writes fail, and reads are answered only by what the cache holds.
   */
  readonly status: 'ok' | 'degraded' | 'down'
  readonly ledger: TierHealth
  readonly cache?: TierHealth

  /** What this process remembers by itself, where `near` is on. */
  readonly near?: NearHealth

  /** How much waits in this process, by queue. */
  readonly queues: Readonly<Record<string, number>>
}

interface Sized {
  readonly size: number
}

/** What of the engine has something waiting. */
export interface EngineQueues {
  readonly writes: { readonly queues: Readonly<Record<string, number>> }
  readonly reads: Sized
  readonly touches: Sized
  readonly removal: Sized
  readonly chain: Sized
}

/** No session is ever named so: an id is longer, or has its context before a colon. */
const nobody = toSessionId('health')

/** Asks each tier, side by side. */
export async function checkHealth(tiers: Tiers, engine: EngineQueues): Promise<EngineHealth> {
  const { ledger, cache, near, bus, settings } = tiers
  const queues = sizesOf(tiers, engine)
  const probe = proberBy(settings.clock)
  const [ledgerHealth, cacheHealth] = await Promise.all([
    probe(ledger.name, () => ledger.call('read', (each) => each.read([nobody]))),
    cache && probe(cache.name, () => cache.ping()),
  ])
  const nearHealth = near && { isBelieved: bus?.isHealthy === true, sessions: near.size }
  const withoutCache = { ledger: ledgerHealth, ...(nearHealth && { near: nearHealth }), queues }
  if (!cacheHealth) return { status: ledgerHealth.isReachable ? 'ok' : 'down', ...withoutCache }
  const answered = cacheHealth.isReachable ? 'ok' : 'degraded'
  return {
    status: ledgerHealth.isReachable ? answered : 'down',
    ...withoutCache,
    cache: cacheHealth,
  }
}

function sizesOf(tiers: Tiers, engine: EngineQueues): EngineHealth['queues'] {
  const { writes, reads, touches, removal, chain } = engine
  return {
    ...writes.queues,
    reads: reads.size,
    removals: removal.size,
    touches: touches.size,
    repairs: tiers.repairs?.size ?? 0,
    untold: tiers.cache?.repairs.untold.size ?? 0,
    chained: chain.size,
    lists: tiers.lists.size,
    unanswered: tiers.ledger.unanswered,
  }
}

function proberBy(clock: Clock) {
  return async (name: string, ask: () => Promise<unknown>): Promise<TierHealth> => {
    const start = clock.monotonic()
    try {
      await ask()
      return { name, isReachable: true, latency: clock.monotonic() - start }
    } catch (error) {
      return { name, isReachable: false, problem: nameOf(error) }
    }
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
