import type { Clock } from '../core/clock.js'
import { DeadlineError } from '../core/errors.js'

/**
 * Settles as `work` does, or rejects with a {@link DeadlineError} after `timeout` ms; the work
 * itself is not stopped. What has arrived by then counts, though this process was too busy to look
 * at it.
 */
export function withDeadline<T>(work: Promise<T>, timeout: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(() => {
      // Timers come before sockets: after a busy stretch the answer may lie there unread.
      setImmediate(() => {
        reject(new DeadlineError(timeout))
      })
    }, timeout)
    work.then(resolve, reject).finally(cancel).catch(ignore)
  })
}

/** What `work` comes to, or `'late'` where that takes longer than `delay` ms; it goes on. */
export function within<T>(work: Promise<T>, delay: number, clock: Clock): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(() => {
      setImmediate(() => {
        resolve('late')
      })
    }, delay)
    work.then(resolve, reject).finally(cancel).catch(ignore)
  })
}

/** Resolves after `delay` ms. */
export function pause(delay: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(resolve, delay)
  })
}

/** The rejection went to whoever waits for the deadline. */
function ignore(): void {
  return undefined
}
