import type { Clock } from '../core/clock.js'
import { DeadlineError, LedgerUnavailableError, SessionError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import type { SessionLedger } from '../core/ledger.js'
import { withDeadline } from './deadline.js'

/**
 * So many calls may be unanswered beyond their deadline before the ledger is left alone: a driver
 * keeps what it was given, and nobody takes that back.
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
 * Where many calls are unanswered beyond their deadline, one more is made in each `timeout`, and the
 * others fail at once.
 */
export class GuardedLedger {
  readonly #unanswered = new Set<Promise<unknown>>()
  #triedAt = -Infinity

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

  /** How many calls are unanswered beyond their deadline. */
  get unanswered(): number {
    return this.#unanswered.size
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
    const { timeout, clock } = this.options
    if (this.#isLeftAlone())
      throw this.#unavailable(operation, new Error('Too many are unanswered'))
    const work = this.#twice(ask)
    try {
      return await withDeadline(work, timeout, clock)
    } catch (cause) {
      if (cause instanceof DeadlineError) this.#keepUnanswered(work)
      else if (cause instanceof SessionError) throw cause
      work.then(onLate, ignore)
      throw this.#unavailable(operation, cause)
    }
  }

  /** Ready without a deadline: creating tables may take its time. */
  async ready(): Promise<void> {
    try {
      await this.options.ledger.ready()
    } catch (cause) {
      if (cause instanceof SessionError) throw cause
      throw new LedgerUnavailableError(this.name, 'be used', cause)
    }
  }

  close(): Promise<void> {
    return this.options.ledger.close()
  }

  #unavailable(operation: string, cause: unknown): LedgerUnavailableError {
    const error = new LedgerUnavailableError(this.name, operation, cause)
    this.options.events.emit('ledger-failure', { error })
    return error
  }

  #isLeftAlone(): boolean {
    const { timeout, clock } = this.options
    if (this.#unanswered.size < MOST_UNANSWERED) return false
    const now = clock.monotonic()
    if (now - this.#triedAt < timeout) return true
    this.#triedAt = now
    return false
  }

  #keepUnanswered(work: Promise<unknown>): void {
    this.#unanswered.add(work)
    const settled = (): void => void this.#unanswered.delete(work)
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
