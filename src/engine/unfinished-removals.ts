import type { Clock } from '../core/clock.js'
import type { EventHub } from '../core/events.js'
import type { SessionId } from '../core/session-id.js'
import { keepNewest } from './keep-newest.js'
import { Rounds } from './rounds.js'

const EVERY = 1_000
const PAGE = 128
const MOST_WAITING = 10_000

/** What {@link UnfinishedRemovals} work with. */
export interface UnfinishedRemovalsOptions {
  /** Ends a session; rejects where it is not durable. */
  readonly remove: (id: SessionId, reason: string) => Promise<unknown>
  readonly clock: Clock
  readonly events: EventHub
}

/**
 * Sessions which the cache refuses already, while the ledger could not be told. Whoever asked was
 * given an error, and can not ask again: to the visitor's next request the session is gone, and
 * with it its id. So it is tried again each second from here, until it is durable.
 */
export class UnfinishedRemovals {
  readonly #options: UnfinishedRemovalsOptions
  /** Reasons by id; bounded, the oldest gives way. */
  readonly #waiting = new Map<SessionId, string>()
  readonly #rounds: Rounds

  constructor(options: UnfinishedRemovalsOptions) {
    this.#options = options
    this.#rounds = new Rounds({
      clock: options.clock,
      every: EVERY,
      isNeeded: () => this.size > 0,
      round: () => this.#finish(),
    })
  }

  /** How many sessions wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Takes over a removal that failed. */
  keep(id: SessionId, reason: string): void {
    keepNewest(this.#waiting, [id, reason], MOST_WAITING)
    this.#rounds.begin()
  }

  /** Tries once more, and then no more. Never rejects. */
  async stop(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#finish()])
  }

  /** One that fails keeps no other from its try, but for a page of which nothing went well. */
  async #finish(): Promise<void> {
    const all = [...this.#waiting]
    const failures: unknown[] = []
    for (let start = 0; start < all.length; start += PAGE) {
      const page = all.slice(start, start + PAGE)
      const outcomes = await Promise.allSettled(page.map((each) => this.#retry(each)))
      const failed = outcomes.filter((each) => each.status === 'rejected')
      failures.push(...failed.map(({ reason }) => reason as unknown))
      if (failed.length === page.length) break
    }
    if (failures.length === 0) return
    this.#options.events.emit('background-failure', { task: 'remove', error: failures[0] })
  }

  async #retry([id, reason]: readonly [SessionId, string]): Promise<void> {
    await this.#options.remove(id, reason)
    this.#waiting.delete(id)
  }
}
