import type { Cancel, Clock } from '../core/clock.js'

/**
 * `closed`: calls pass. `open`: none does. `half-open`: a probe is under way, and still no call
 * passes.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a {@link CircuitBreaker} works with. */
export interface BreakerOptions {
  /** Asks whether what is behind the breaker can be used again; rejects where it can not. */
  readonly probe: () => Promise<void>
  readonly onState: (state: BreakerState) => void
  readonly clock: Clock
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number
}

const FAILURES_IN_A_ROW = 5
const CALLS_IN_WINDOW = 20
const WINDOW = 10_000
const LEAST_DELAY = 50
const MOST_DELAY = 3_000

/**
 * Stops calling what keeps failing: after five failures in a row, or when at least half of at least
 * twenty calls within ten seconds failed. It closes again only by a probe of its own, after 50 ms
 * to 3 s of decorrelated jitter, so that no visitor's request is spent on finding out.
 */
export class CircuitBreaker {
  readonly #options: Required<BreakerOptions>
  #state: BreakerState = 'closed'
  #inARow = 0
  #calls = 0
  #failures = 0
  #windowStart: number
  #delay = LEAST_DELAY
  #cancelProbe: Cancel | undefined
  #isStopped = false

  constructor(options: BreakerOptions) {
    this.#options = { random: Math.random, ...options }
    this.#windowStart = options.clock.monotonic()
  }

  get state(): BreakerState {
    return this.#state
  }

  /** A call ended well. */
  succeeded(): void {
    if (this.#state !== 'closed') return
    this.#count(0)
    this.#inARow = 0
  }

  /** A call failed, or did not end in time. */
  failed(): void {
    if (this.#state !== 'closed') return
    this.#count(1)
    this.#inARow++
    const isFailing = this.#calls >= CALLS_IN_WINDOW && this.#failures * 2 >= this.#calls
    if (this.#inARow >= FAILURES_IN_A_ROW || isFailing) this.#open()
  }

  /** Lets nothing pass until a probe goes well, however calls ended: what answers may be wrong. */
  trip(): void {
    if (this.#state === 'closed') this.#open()
  }

  /** Probes no more; a probe under way is the last, however it ends. */
  stop(): void {
    this.#isStopped = true
    this.#cancelProbe?.()
  }

  #count(failures: number): void {
    const now = this.#options.clock.monotonic()
    if (now - this.#windowStart > WINDOW) this.#forget(now)
    this.#calls++
    this.#failures += failures
  }

  #forget(now: number): void {
    this.#windowStart = now
    this.#calls = 0
    this.#failures = 0
  }

  #open(): void {
    this.#enter('open')
    if (this.#isStopped) return
    const { clock, random } = this.#options
    this.#delay = Math.min(MOST_DELAY, LEAST_DELAY + random() * (this.#delay * 3 - LEAST_DELAY))
    this.#cancelProbe = clock.schedule(() => void this.#probe(), this.#delay)
  }

  async #probe(): Promise<void> {
    this.#enter('half-open')
    try {
      await this.#options.probe()
    } catch {
      this.#open()
      return
    }
    this.#delay = LEAST_DELAY
    this.#inARow = 0
    this.#forget(this.#options.clock.monotonic())
    this.#enter('closed')
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#options.onState(state)
  }
}
