import type { LedgerStats, ListQuery } from '../../core/ledger.js'
import type { SessionSummary } from '../../core/record.js'
import { toSessionId, type SessionId } from '../../core/session-id.js'
import { isTombstone, toSummary, unexpired, type StoredSession } from '../../core/stored-session.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import { toOwned, type LedgerKeys } from './ledger-keys.js'
import * as scripts from './scripts.js'
import type { StoredSessions } from './stored-sessions.js'

/** What {@link SessionLists} works with. */
export interface SessionListsOptions {
  readonly connected: Promise<Commands>
  readonly keys: LedgerKeys
  readonly sessions: StoredSessions
}

/** So many ids are asked for at once at least: those of expired sessions are among them. */
const LEAST = 100

/** And at most: while Redis goes through them, it answers nobody else. */
const MOST = 1000

/** Pages and counts of the sessions in Redis. */
export class SessionLists {
  constructor(private readonly options: SessionListsOptions) {}

  /** As `SessionLedger.list`. */
  async list({ userId, after, limit }: ListQuery): Promise<readonly SessionSummary[]> {
    const listed: StoredSession[] = []
    let last = after
    while (listed.length < limit) {
      const most = Math.min(Math.max(limit - listed.length, LEAST), MOST)
      const ids = await this.#page(userId, last, most)
      const seen = await this.options.sessions.look(ids)
      for (const { held, now } of seen) {
        const session = unexpired(held, now)
        // What was found may have changed hands before it was looked at.
        const isWanted = userId === undefined || session?.userId === userId
        if (session && !isTombstone(session) && isWanted) listed.push(session)
      }
      if (ids.length < most) break
      last = ids.at(-1)
    }
    return listed.slice(0, limit).map(toSummary)
  }

  /** As `SessionLedger.stats`; users are counted a thousand sessions at once. */
  async count(): Promise<LedgerStats> {
    const { connected, keys } = this.options
    const client = await connected
    const { live, dead, users } = keys
    const counts = await scripts.count(client, { live, dead }, {})
    const [active, expired, revoked] = counts as [number, number, number]
    let total = 0
    let from = '-'
    for (let last = ''; from !== '';) {
      const args = { from, last, limit: String(MOST) }
      const found = await scripts.countUsers(client, { users, live }, args)
      const [more, next, counted] = found as [number, string, string]
      total += more
      last = counted
      from = next && `(${next}`
    }
    return { active, expired, revoked, users: total }
  }

  async #page(
    userId: string | undefined,
    after: string | undefined,
    limit: number,
  ): Promise<readonly SessionId[]> {
    const { connected, keys } = this.options
    const client = await connected
    const before = toOwned(userId, '')
    const args = {
      from: after ? `(${before}${after}` : before && `[${before}`,
      // No text that begins with the user and a NUL comes after this one.
      to: before && `(${userId ?? ''}\u0001`,
      limit: String(limit),
    }
    const ordered = { ...args, from: args.from || '-', to: args.to || '+' }
    const members = userId === undefined ? keys.ids : keys.users
    const found = (await scripts.page(client, { members }, ordered)) as readonly string[]
    return found.map((member) => toSessionId(member.slice(before.length)))
  }
}
