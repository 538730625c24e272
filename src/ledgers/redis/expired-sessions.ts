import type { SweepBatch } from '../../core/ledger.js'
import { toSessionId, type Context } from '../../core/session-id.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import { createLedgerKeys } from './ledger-keys.js'
import * as scripts from './scripts.js'

/** What {@link removeExpired} works with. */
export interface ExpiredSessionsOptions {
  readonly client: Commands
  readonly prefix: string
  readonly contexts: readonly Context[]
}

/** So many are looked up at once: while Redis does, it answers nobody else. */
const MOST = 1000

/** Removes at most `limit` sessions and tombstones whose time is over, each by a script of its own. */
export async function removeExpired(
  limit: number,
  { client, prefix, contexts }: ExpiredSessionsOptions,
): Promise<SweepBatch> {
  let removed = 0
  for (const context of contexts) {
    for (let isDone = false; !isDone && removed < limit;) {
      const most = Math.min(limit - removed, MOST)
      const batch = await removeBatch(client, { prefix, context, most })
      removed += batch.removed
      isDone = batch.found < most
    }
  }
  return { kind: 'swept', removed }
}

async function removeBatch(
  client: Commands,
  { prefix, context, most }: { prefix: string; context: Context; most: number },
): Promise<{ readonly found: number; readonly removed: number }> {
  const { record, live, dead, ids, users, owners } = createLedgerKeys(prefix, context)
  const expired = await scripts.findExpired(client, { live, dead }, { limit: String(most) })
  const [now, ...found] = expired as [number, ...string[]]
  const outcomes = await Promise.all(
    found.map((id) => {
      const keys = { record: record(toSessionId(id)), live, dead, ids, users, owners }
      return scripts.removeExpired(client, keys, { id, found: String(now) })
    }),
  )
  return { found: found.length, removed: outcomes.filter((outcome) => outcome === 1).length }
}
