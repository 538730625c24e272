import type { Cancel } from '../core/clock.js'
import type { Tiers } from './tiers.js'

/** What a sweep did. */
export interface SweepResult {
  /** Rows deleted: expired sessions, and tombstones that nobody needs any more. */
  readonly removed: number

  /** Whether it ended early because another process is sweeping. */
  readonly busy: boolean

  /** ms. */
  readonly duration: number
}

/** What a {@link Sweeper} works with. */
export interface SweeperOptions {
  readonly tiers: Tiers

  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number
}

const LEAST_PAUSE = 5
/**
 * How far a schedule is moved at random, so that a fleet started at once does not sweep at once.
 */
const JITTER = 0.1

/**
 * Deletes expired rows in small batches, with pauses as long as the batches took, so that requests
 * do not feel it. One process of the fleet sweeps at a time.
 */
export class Sweeper {
  readonly #tiers: Tiers
  readonly #random: () => number
  #cancel: Cancel | undefined
  #running: Promise<SweepResult> | undefined
  #endPause: (() => void) | undefined
  #isStopped = false

  constructor({ tiers, random = Math.random }: SweeperOptions) {
    this.#tiers = tiers
    this.#random = random
  }

  /** Sweeps on schedule, if there is one. The first sweep comes after one interval. */
  start(): void {
    const { sweepEvery, clock } = this.#tiers.settings
    if (sweepEvery === false || this.#isStopped) return
    const delay = sweepEvery * (1 + JITTER * (2 * this.#random() - 1))
    this.#cancel = clock.schedule(() => void this.#onSchedule(), delay)
  }

  /** Sweeps now, until nothing expired is left; callers at the same time share one sweep. */
  sweep(): Promise<SweepResult> {
    this.#running ??= this.#sweep().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Starts no more; resolves once a sweep under way has ended its batch. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    this.#endPause?.()
    await this.#running?.catch(() => undefined)
  }

  async #onSchedule(): Promise<void> {
    try {
      await this.sweep()
    } catch (error) {
      this.#tiers.events.emit('background-failure', { task: 'sweep', error })
    }
    this.start()
  }

  async #sweep(): Promise<SweepResult> {
    const { ledger, settings, events } = this.#tiers
    const { clock, sweepBatch } = settings
    const start = clock.monotonic()
    let removed = 0
    let busy = false
    for (let isDone = false; !isDone && !this.#isStopped;) {
      const batchStart = clock.monotonic()
      const batch = await ledger.call('sweep', (each) => each.sweep(sweepBatch))
      busy = batch.kind === 'busy'
      removed += batch.kind === 'swept' ? batch.removed : 0
      isDone = batch.kind === 'busy' || batch.removed < sweepBatch
      if (!isDone) await this.#pause(Math.max(LEAST_PAUSE, clock.monotonic() - batchStart))
    }
    const result = { removed, busy, duration: clock.monotonic() - start }
    events.emit('swept', result)
    return result
  }

  #pause(delay: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#tiers.settings.clock.schedule(resolve, delay)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }
}
