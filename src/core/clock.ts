/** Cancels what was scheduled; does nothing once it ran. */
export type Cancel = () => void

/** The time, as an option: tests move it by hand. */
export interface Clock {
  /** Wall time, epoch ms. It may jump. */
  now(): number

  /** Milliseconds from an arbitrary start, which only move forward. */
  monotonic(): number

  /** Runs `task` once, after `delay` ms. It never keeps the process alive. */
  schedule(task: () => void, delay: number): Cancel
}

/** A longer one is taken by Node for one of a millisecond. About 24.8 days, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The system's time and timers; none waits for longer than 24 days. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(task: () => void, delay: number): Cancel {
    const timer = setTimeout(task, Math.min(delay, LONGEST_TIMER))
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
})

/**
 * Another machine's wall time, estimated from samples and carried forward by the local monotonic
 * clock, so that a wrong or jumping local wall clock changes nobody's lifetime. Until the first
 * sample it is the local wall time.
 */
export class RemoteTime {
  #offset: number | undefined
  #error = Infinity
  #sampledAt = 0

  constructor(private readonly clock: Clock) {}

  /** The other machine's time, epoch ms. */
  now(): number {
    return this.#offset === undefined ? this.clock.now() : this.clock.monotonic() + this.#offset
  }

  /**
   * Takes a sample: what the other machine said, and when (monotonic ms) it was asked. The tightest
   * recent one counts.
   */
  sample(remoteNow: number, askedAt: number): void {
    const answeredAt = this.clock.monotonic()
    const error = (answeredAt - askedAt) / 2
    if (error > this.#error && answeredAt - this.#sampledAt < SAMPLE_LIFETIME) return
    this.#offset = remoteNow - (askedAt + answeredAt) / 2
    this.#error = error
    this.#sampledAt = answeredAt
  }
}

/**
 * Clocks drift by some 50 ppm: after this long (ms) a tight sample is no better than a fresh one.
 */
const SAMPLE_LIFETIME = 60_000
