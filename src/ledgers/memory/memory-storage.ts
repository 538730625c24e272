import type { Context, SessionId } from '../../core/session-id.js'
import type { StoredSession } from '../../core/stored-session.js'

/** A note for a cache that was out of reach. */
export interface StoredRepair {
  readonly context: Context
  readonly version: number
  readonly notedAt: number
}

/** What memory ledgers share, as processes share a database: give one to each of them. */
export class MemoryStorage {
  /** Live sessions and tombstones. */
  readonly sessions = new Map<SessionId, StoredSession>()
  readonly repairs = new Map<SessionId, StoredRepair>()
  #lastNoteAt = -Infinity

  /** The time of a note: later than that of the one before, however fast it came. Epoch ms. */
  timeNote(now: number): number {
    this.#lastNoteAt = Math.max(now, this.#lastNoteAt + 1)
    return this.#lastNoteAt
  }
}
