import type { Clock } from '../../core/clock.js'
import type { SessionId } from '../../core/session-id.js'

/** What a {@link RecentMessages} works with. */
export interface RecentMessagesOptions {
  readonly clock: Clock

  /** How long a message is remembered at least, ms; twice that at most. */
  readonly lifetime: number

  /** How many ids are remembered at most. */
  readonly maxIds: number
}

/**
 * The highest version that was heard of each id not long ago. It is kept in two generations, so that
 * forgetting costs nothing: the older one goes when the younger one has lived.
 */
export class RecentMessages {
  readonly #options: RecentMessagesOptions
  #younger = new Map<SessionId, number>()
  #older = new Map<SessionId, number>()
  #youngerSince: number
  #overflows = 0

  constructor(options: RecentMessagesOptions) {
    this.#options = options
    this.#youngerSince = options.clock.monotonic()
  }

  /** How often everything was forgotten at once, because there was too much. */
  get overflows(): number {
    return this.#overflows
  }

  /** How many ids are remembered; one counts twice that was heard in both generations. */
  get size(): number {
    return this.#younger.size + this.#older.size
  }

  /** Remembers what was heard. */
  add(id: SessionId, version: number): void {
    this.#age()
    this.#younger.set(id, Math.max(version, this.#younger.get(id) ?? 0))
    if (this.size <= this.#options.maxIds) return
    this.clear()
    this.#overflows += 1
  }

  /** The highest version of this id that is remembered; 0 for none. */
  highest(id: SessionId): number {
    this.#age()
    return Math.max(this.#younger.get(id) ?? 0, this.#older.get(id) ?? 0)
  }

  /** Forgets all of it. */
  clear(): void {
    this.#younger.clear()
    this.#older.clear()
  }

  #age(): void {
    const { clock, lifetime } = this.#options
    const generations = Math.floor((clock.monotonic() - this.#youngerSince) / lifetime)
    if (generations === 0) return
    this.#older = generations === 1 ? this.#younger : new Map<SessionId, number>()
    this.#younger = new Map()
    this.#youngerSince += generations * lifetime
  }
}
