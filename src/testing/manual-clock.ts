import type { Cancel, Clock } from '../core/clock.js'

interface Task {
  readonly at: number
  readonly run: () => void
}

/**
 * A clock that stands still until {@link ManualClock.advance} moves it; what is scheduled then runs
 * in its order.
 */
export class ManualClock implements Clock {
  #elapsed = 0
  readonly #tasks = new Set<Task>()

  /** @param start - the wall time to begin at, epoch ms. */
  constructor(private readonly start = Date.UTC(2030, 0, 1)) {}

  now(): number {
    return this.start + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  schedule(run: () => void, delay: number): Cancel {
    const task = { at: this.#elapsed + Math.max(0, delay), run }
    this.#tasks.add(task)
    return () => {
      this.#tasks.delete(task)
    }
  }

  /** How many tasks are waiting. */
  get pending(): number {
    return this.#tasks.size
  }

  /**
   * Moves the time forward by `ms`, running what falls due on the way; what goes on without time
   * passing does so before, in between and after.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    await settled()
    for (let due = this.#next(until); due; due = this.#next(until)) {
      this.#tasks.delete(due)
      this.#elapsed = Math.max(this.#elapsed, due.at)
      due.run()
      await settled()
    }
    this.#elapsed = until
    await settled()
  }

  #next(until: number): Task | undefined {
    let first: Task | undefined
    for (const task of this.#tasks) {
      if (task.at <= until && (!first || task.at < first.at)) first = task
    }
    return first
  }
}

/** What was begun may go on in some later turns of the event loop, as batches that gather do. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const TURNS = 16
