import type { Clock } from '../core/clock.js'
import { DeadlineError, LedgerUnavailableError, SessionError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import type { SessionLedger } from '../core/ledger.js'
import { withDeadline } from './deadline.js'

/**
 * So many calls of a kind may be unanswered beyond their deadline before the ledger is left alone
 * with it: a driver keeps what it was given, and nobody takes that back.
 */
const MOST_UNANSWERED = 32

/** Asks the ledger for something; a second time where the first one failed. */
type Ask<T> = (ledger: SessionLedger, isRepeated: boolean) => Promise<T>

/** What a {@link GuardedLedger} works with. */
export interface GuardedLedgerOptions {
  readonly ledger: SessionLedger

  /** How long each call may take, ms. */
  readonly timeout: number
  readonly clock: Clock
  readonly events: EventHub
}

/**
 * The ledger behind a deadline, whose driver's errors become {@link LedgerUnavailableError}s and
 * events.
 *
 * A call that failed at once is made a second time: a pool hands out connections which a restart of
 * the server has ended. That is safe after an unknown outcome, since every operation is idempotent
 * (protocol rule 12).
 *
 * Where many calls of a kind are unanswered beyond their deadline, one more is made in each
 * `timeout`, until one is answered in time; the others fail at once, and are no event.
 */
export class GuardedLedger {
  /** By kind; what is never answered is forgotten with the next answer in time. */
  readonly #unanswered = new Map<string, Set<Promise<unknown>>>()
  readonly #triedAt = new Map<string, number>()
  #isClosing = false

  constructor(private readonly options: GuardedLedgerOptions) {}

  get name(): string {
    return this.options.ledger.name
  }

  /** How long each call may take, and whoever waits for one. ms. */
  get timeout(): number {
    return this.options.timeout
  }

  get clock(): Clock {
    return this.options.clock
  }

  /** How many calls are unanswered beyond their deadline, and none was answered in time since. */
  get unanswered(): number {
    let count = 0
    for (const { size } of this.#unanswered.values()) count += size
    return count
  }

  /** From now on nothing is left alone: what is not asked now is not asked at all. */
  beginClosing(): void {
    this.#isClosing = true
  }

  /** The ledger's time as it is best known here, epoch ms. */
  now(): number {
    return this.options.ledger.now()
  }

  /**
   * Asks the ledger, and names what was asked in errors.
   *
   * @param onLate - called where the ledger did what was asked, but only after the deadline.
   * @throws {@link LedgerUnavailableError}, or the {@link SessionError} that the ledger itself
   * threw.
   */
  async call<T>(operation: string, ask: Ask<T>, onLate: () => void = ignore): Promise<T> {
    const { timeout, clock, events } = this.options
    if (this.#isLeftAlone(operation)) {
      throw new LedgerUnavailableError(this.name, operation, new Error('Too many are unanswered'))
    }
    const work = this.#twice(ask)
    try {
      const answer = await withDeadline(work, timeout, clock)
      this.#unanswered.delete(operation)
      return answer
    } catch (cause) {
      if (cause instanceof DeadlineError) this.#keepUnanswered(operation, work)
      else if (cause instanceof SessionError) throw cause
      work.then(onLate, ignore)
      const error = new LedgerUnavailableError(this.name, operation, cause)
      events.emit('ledger-failure', { error })
      throw error
    }
  }

  /** Ready without a deadline: creating tables may take its time. */
  async ready(): Promise<void> {
    try {
      await this.options.ledger.ready()
    } catch (cause) {
      if (cause instanceof SessionError && !(cause instanceof DeadlineError)) throw cause
      throw new LedgerUnavailableError(this.name, 'be used', cause)
    }
  }

  close(): Promise<void> {
    return this.options.ledger.close()
  }

  #isLeftAlone(operation: string): boolean {
    const { timeout, clock } = this.options
    const { size = 0 } = this.#unanswered.get(operation) ?? {}
    if (size < MOST_UNANSWERED || this.#isClosing) return false
    const now = clock.monotonic()
    if (now - (this.#triedAt.get(operation) ?? -Infinity) < timeout) return true
    this.#triedAt.set(operation, now)
    return false
  }

  #keepUnanswered(operation: string, work: Promise<unknown>): void {
    const unanswered = this.#unanswered.get(operation) ?? new Set()
    this.#unanswered.set(operation, unanswered.add(work))
    const settled = (): void => void unanswered.delete(work)
    work.then(settled, settled)
  }

  async #twice<T>(ask: Ask<T>): Promise<T> {
    const { ledger, timeout, clock } = this.options
    const start = clock.monotonic()
    try {
      return await ask(ledger, false)
    } catch (error) {
      const isLate = clock.monotonic() - start >= timeout
      if (error instanceof SessionError || isLate) throw error
      return await ask(ledger, true)
    }
  }
}

/** Nobody waits any more: whoever did was told. */
function ignore(): void {
  return undefined
}
