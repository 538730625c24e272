import { DeadlineError, LedgerUnavailableError } from '../core/errors.js'
import { Batcher, type BatcherOptions } from './batcher.js'
import type { GuardedLedger } from './guarded-ledger.js'

/**
 * How many statements of a kind may be under way: the ledger takes few at once better than many, so
 * that not even a cold cache becomes a stampede on it.
 */
const LANES = { read: 4, commit: 2, revoke: 2, 'note repairs': 1, list: 4, count: 1 } as const

/** How many sessions a statement holds at most; a list has a statement of its own. */
const MOST_IN_STATEMENT = 128

/** How many may wait for a statement before the ledger counts as out of reach. */
const MOST_WAITING = 10_000

/**
 * Gathers what many requests ask of the ledger into statements of at most 128 sessions. What comes
 * while ten thousand wait is refused with a {@link LedgerUnavailableError}, and so is what has
 * waited for as long as the ledger may take: it was not asked then.
 */
export function createLedgerBatcher<Item, Result>(
  ledger: Pick<GuardedLedger, 'name' | 'timeout' | 'clock'>,
  operation: keyof typeof LANES,
  execute: BatcherOptions<Item, Result>['execute'],
): Batcher<Item, Result> {
  const { name, timeout, clock } = ledger
  const unavailable = (cause: Error): Error => new LedgerUnavailableError(name, operation, cause)
  return new Batcher({
    execute,
    lanes: LANES[operation],
    most: operation === 'list' ? 1 : MOST_IN_STATEMENT,
    queue: MOST_WAITING,
    overflow: () => unavailable(new Error('Too many wait')),
    patience: { timeout, clock, late: () => unavailable(new DeadlineError(timeout)) },
  })
}
