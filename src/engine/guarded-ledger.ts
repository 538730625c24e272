import type { Clock } from '../core/clock.js'
import { DeadlineError, LedgerUnavailableError, SessionError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import type { SessionLedger } from '../core/ledger.js'
import { withDeadline } from './deadline.js'

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
 */
export class GuardedLedger {
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
  async call<T>(
    operation: string,
    ask: (ledger: SessionLedger) => Promise<T>,
    onLate: () => void = ignore,
  ): Promise<T> {
    const { timeout, clock, events } = this.options
    const work = this.#twice(ask)
    try {
      return await withDeadline(work, timeout, clock)
    } catch (cause) {
      if (cause instanceof SessionError && !(cause instanceof DeadlineError)) throw cause
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
      if (cause instanceof SessionError) throw cause
      throw new LedgerUnavailableError(this.name, 'be used', cause)
    }
  }

  close(): Promise<void> {
    return this.options.ledger.close()
  }

  async #twice<T>(ask: (ledger: SessionLedger) => Promise<T>): Promise<T> {
    const { ledger, timeout, clock } = this.options
    const start = clock.monotonic()
    try {
      return await ask(ledger)
    } catch (error) {
      const isLate = clock.monotonic() - start >= timeout
      if (error instanceof SessionError || isLate) throw error
      return await ask(ledger)
    }
  }
}

/** Nobody waits any more: whoever did was told. */
function ignore(): void {
  return undefined
}
