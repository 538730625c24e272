import { DeadlineError, LedgerUnavailableError } from '../core/errors.js'
import { pause } from './deadline.js'
import type { GuardedLedger } from './guarded-ledger.js'

/**
 * After so many attempts a write lets others go first, so that many processes do not keep losing.
 */
const EAGER_ATTEMPTS = 6

/** For up to so long at first, and each time for longer. ms. */
const FIRST_PAUSE = 50

/**
 * Lets others go first where an attempt follows many that were in vain.
 *
 * @param since - when the write came, monotonic ms.
 * @throws {@link LedgerUnavailableError} where it was overtaken for as long as the ledger may take
 * (protocol rule 11).
 */
export async function pauseBefore(
  attempt: number,
  since: number,
  { name, timeout, clock }: Pick<GuardedLedger, 'name' | 'timeout' | 'clock'>,
): Promise<void> {
  if (attempt === 0) return
  if (isPaused(attempt)) await pause(pauseOf(attempt), clock)
  if (clock.monotonic() - since < timeout) return
  throw new LedgerUnavailableError(name, 'commit', new DeadlineError(timeout))
}

function pauseOf(attempt: number): number {
  return Math.random() * FIRST_PAUSE * (attempt - EAGER_ATTEMPTS + 1)
}

/**
 * What a write knows is old after a pause: one attempt learns what is committed by now, and the
 * next, at once, can take.
 */
function isPaused(attempt: number): boolean {
  return attempt >= EAGER_ATTEMPTS && (attempt - EAGER_ATTEMPTS) % 2 === 0
}
