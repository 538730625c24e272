import { setTimeout as pause } from 'node:timers/promises'
import type { Decision } from '../../core/ledger-rules.js'
import type { SessionId } from '../../core/session-id.js'
import type { Seen, StoredSessions } from './stored-sessions.js'

/** How {@link decideAll} comes to its decisions. */
export interface Deciding<Item, Outcome> {
  readonly sessions: StoredSessions
  readonly decide: (item: Item, seen: Seen) => Decision<Outcome>
}

/**
 * Decides about each item by what is held, and carries that out; where something else is held by
 * then, it is looked at again before anything is decided (protocol rule 6).
 */
export async function decideAll<Item extends { readonly id: SessionId }, Outcome>(
  items: readonly Item[],
  { sessions, decide }: Deciding<Item, Outcome>,
): Promise<readonly Decision<Outcome>[]> {
  const decisions = new Map<Item, Decision<Outcome>>()
  let pending = items
  for (let attempt = 1; pending.length > 0; attempt++) {
    if (attempt > MAX_ATTEMPTS) throw new Error('What Redis holds kept changing meanwhile')
    if (attempt > 2) await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE))
    const seen = await sessions.look(pending.map(({ id }) => id))
    await Promise.all(
      pending.map(async (item, index) => {
        const each = seen[index]
        const decision = each && decide(item, each)
        if (decision && (await sessions.swap(each, decision))) decisions.set(item, decision)
      }),
    )
    pending = pending.filter((item) => !decisions.has(item))
  }
  return items.flatMap((item) => decisions.get(item) ?? [])
}

const MAX_ATTEMPTS = 20
const LONGEST_PAUSE = 64
