import { randomUUID } from 'node:crypto'
import type { Held, PutOutcome, SessionCache } from '../../core/cache.js'
import type { SessionRecord } from '../../core/record.js'

/**
 * Opens an empty cache that takes `Date.now` for the ledger's time; whoever gives it closes what it
 * opened.
 */
export type OpenCache = () => Promise<SessionCache>

/** One promise of a cache: its name is a sentence that is true where `check` resolves. */
export interface CacheCheck {
  readonly name: string
  check(this: void, open: OpenCache): Promise<void>
}

/**
 * Has an empty cache hold a record, by the one way there is: a token is placed, and the record put
 * with it.
 */
export async function fillCache(cache: SessionCache, record: SessionRecord): Promise<PutOutcome> {
  const fill = randomUUID()
  await cache.reserve(record.id, fill)
  return cache.put(record, { fill })
}

/** The version of what is held, live or tombstone. */
export function versionOf(held: Held): number | undefined {
  if (held.kind === 'live') return held.record.version
  return held.kind === 'tombstone' ? held.version : undefined
}

/** The record that is held and can be believed; whatever else is held, as it is. */
export function recordOf(held: Held): SessionRecord | Held {
  return held.kind === 'live' && held.trust === 'sound' ? held.record : held
}

/** Resolves after `ms` of real time. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** All orders of the items. */
export function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first, index) =>
    ordersOf(items.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  )
}
