import type { Clock } from '../core/clock.js'
import { DeadlineError, LedgerUnavailableError } from '../core/errors.js'
import type { SessionId } from '../core/session-id.js'
import { withDeadline } from './deadline.js'
import type { Tiers } from './tiers.js'

/** How many operations may be under way or wait, of all sessions together. */
const MOST_UNDER_WAY = 20_000

/** What an {@link IdChain} works with. */
export interface IdChainOptions {
  /** How long an operation that has to wait for its turn may take, the wait included. ms. */
  readonly timeout: number
  readonly clock: Clock

  /** The error of an operation that waited for too long, or found twenty thousand before it. */
  readonly unavailable: (operation: string, cause: Error) => Error
}

/**
 * Puts operations on one session of this process one after the other (protocol rule 11), so that a
 * redirect which is followed at once sees the login, and a batch never holds one session twice.
 * Different sessions do not wait for each other.
 */
export class IdChain {
  readonly #tails = new Map<SessionId, Promise<unknown>>()
  readonly #options: IdChainOptions
  #underWay = 0

  constructor(options: IdChainOptions) {
    this.#options = options
  }

  /**
   * Runs `task` once everything begun before on this id has ended, however it ended. One whose turn
   * comes too late is rejected and never runs; one that has begun by then is rejected and goes on.
   */
  run<T>(id: SessionId, operation: string, task: () => Promise<T>): Promise<T> {
    if (this.#underWay >= MOST_UNDER_WAY) {
      return Promise.reject(this.#options.unavailable(operation, new Error('Too many wait')))
    }
    this.#underWay += 1
    const before = this.#tails.get(id)
    if (before) return this.#runAfter(before, { id, operation, task })
    const work = task()
    this.#follow(id, work)
    return work
  }

  async #runAfter<T>(before: Promise<unknown>, { id, operation, task }: Queued<T>): Promise<T> {
    const { timeout, clock, unavailable } = this.#options
    let isLate = false
    const work = before.then(() => {
      if (isLate) throw new DeadlineError(timeout)
      return task()
    })
    this.#follow(id, work)
    try {
      return await withDeadline(work, timeout, clock)
    } catch (cause) {
      if (!(cause instanceof DeadlineError)) throw cause
      isLate = true
      throw unavailable(operation, cause)
    }
  }

  #follow(id: SessionId, work: Promise<unknown>): void {
    const end = (): void => {
      this.#underWay -= 1
      if (this.#tails.get(id) === tail) this.#tails.delete(id)
    }
    const tail = work.then(end, end)
    this.#tails.set(id, tail)
  }

  /** Whether an operation on this id can not begin at once: others come first, or it is refused. */
  isBusy(id: SessionId): boolean {
    return this.#underWay >= MOST_UNDER_WAY || this.#tails.has(id)
  }

  /** What a read of this id has to wait for, or `undefined`; it never rejects. */
  pending(id: SessionId): Promise<unknown> | undefined {
    return this.#tails.get(id)
  }

  /** Resolves once nothing is under way that was begun before. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }

  /** How many sessions have something under way. */
  get size(): number {
    return this.#tails.size
  }
}

interface Queued<T> {
  readonly id: SessionId
  readonly operation: string
  readonly task: () => Promise<T>
}

/** A chain before this ledger: what can not have its turn in time is told that the ledger is away. */
export function createIdChain({ ledger, settings }: Pick<Tiers, 'ledger' | 'settings'>): IdChain {
  return new IdChain({
    timeout: settings.ledgerTimeout,
    clock: settings.clock,
    unavailable: (operation, cause) => new LedgerUnavailableError(ledger.name, operation, cause),
  })
}
