import type { Clock } from '../core/clock.js'
import { DeadlineError } from '../core/errors.js'
import { SharedTimers, type Timer } from './shared-timers.js'

/**
 * Settles as `work` does, or rejects with a {@link DeadlineError} after `timeout` ms; the work
 * itself is not stopped. What has arrived by then counts, though this process was too busy to look
 * at it.
 */
export function withDeadline<T>(work: Promise<T>, timeout: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new DeadlineError(timeout))
    settleInTime(work, { resolve, reject }, timersOf(clock).start(giveUp, timeout))
  })
}

/** What `work` comes to, or `'late'` where that takes longer than `delay` ms; it goes on. */
export function within<T>(work: Promise<T>, delay: number, clock: Clock): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve('late')
    settleInTime(work, { resolve, reject }, timersOf(clock).start(giveUp, delay))
  })
}

interface Settle<T> {
  readonly resolve: (result: T) => void
  readonly reject: (error: unknown) => void
}

/** Without a promise of its own: each read of a session comes by here twice. */
function settleInTime<T>(work: Promise<T>, { resolve, reject }: Settle<T>, timer: Timer): void {
  work.then(
    (result) => {
      timer.stop()
      resolve(result)
    },
    (error: unknown) => {
      timer.stop()
      reject(error)
    },
  )
}

const timers = new WeakMap<Clock, SharedTimers>()

function timersOf(clock: Clock): SharedTimers {
  const known = timers.get(clock) ?? new SharedTimers(clock)
  timers.set(clock, known)
  return known
}

/** Resolves after `delay` ms. */
export function pause(delay: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(resolve, delay)
  })
}
