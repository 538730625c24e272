import type { Clock } from '../../core/clock.js'
import { MAX_VERSION } from '../../core/ledger.js'
import type { SessionId } from '../../core/session-id.js'

/** What a {@link RecentMessages} works with. */
export interface RecentMessagesOptions {
  readonly clock: Clock

  /** How long a message is remembered at least, ms; twice that at most. */
  readonly lifetime: number

  /** How many ids are remembered at most. */
  readonly maxIds: number
}

/** What was heard of an id. */
export interface Heard {
  /** The highest version, 0 for none; what ends every version is none. */
  readonly version: number

  /** When every version was ended last: by a destroy, or a repair. Monotonic ms. */
  readonly endedAt: number
}

/**
 * What was heard of each id not long ago. It is kept in two generations, so that forgetting costs
 * nothing: the older one goes when the younger one has lived.
 */
export class RecentMessages {
  readonly #options: RecentMessagesOptions
  #younger = new Map<SessionId, Heard>()
  #older = new Map<SessionId, Heard>()
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
    const isEnd = version >= MAX_VERSION
    const heard = {
      version: isEnd ? 0 : version,
      endedAt: isEnd ? this.#options.clock.monotonic() : -Infinity,
    }
    this.#younger.set(id, both(heard, this.#younger.get(id) ?? NOTHING))
    if (this.size <= this.#options.maxIds) return
    this.clear()
    this.#overflows += 1
  }

  /** What is remembered of this id. */
  of(id: SessionId): Heard {
    this.#age()
    return both(this.#younger.get(id) ?? NOTHING, this.#older.get(id) ?? NOTHING)
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
    this.#older = generations === 1 ? this.#younger : new Map<SessionId, Heard>()
    this.#younger = new Map()
    this.#youngerSince += generations * lifetime
  }
}

const NOTHING: Heard = { version: 0, endedAt: -Infinity }

function both(one: Heard, other: Heard): Heard {
  return {
    version: Math.max(one.version, other.version),
    endedAt: Math.max(one.endedAt, other.endedAt),
  }
}
