import type { Clock } from '../core/clock.js'
import { pause } from './deadline.js'

/**
 * After so many attempts a write lets others go first, so that many processes do not keep losing.
 */
const EAGER_ATTEMPTS = 6

/** For up to so long at first, and each time for longer. ms. */
const FIRST_PAUSE = 50

/** Lets others go first where an attempt follows many that were in vain. */
export async function pauseBefore(attempt: number, clock: Clock): Promise<void> {
  if (!isPaused(attempt)) return
  await pause(Math.random() * FIRST_PAUSE * (attempt - EAGER_ATTEMPTS + 1), clock)
}

/**
 * What a write knows is old after a pause: one attempt learns what is committed by now, and the
 * next, at once, can take.
 */
function isPaused(attempt: number): boolean {
  return attempt >= EAGER_ATTEMPTS && (attempt - EAGER_ATTEMPTS) % 2 === 0
}
