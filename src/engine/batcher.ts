/** How a {@link Batcher} gathers. */
export interface BatcherOptions<Item, Result> {
  /** Does the work of all items; the results are in the order of the items. */
  readonly execute: (items: readonly Item[]) => Promise<readonly Result[]>

  /** How many batches may be under way. */
  readonly lanes: number

  /** How many items a batch may hold. */
  readonly most: number

  /** How many items may wait; more are refused with {@link BatcherOptions.overflow}. */
  readonly queue: number

  /** The error of an item that finds the queue full. */
  readonly overflow: () => Error
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers single items into batches. While a lane is free, an item starts at the end of the tick it
 * came in, with what else came in that tick; while all are busy the next batch gathers. So a lone
 * caller never waits for company.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  #busyLanes = 0
  #isScheduled = false

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  /** Settles as the batch which holds this item does. */
  submit(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.queue) return Promise.reject(this.#options.overflow())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#schedule()
    })
  }

  /** How many items wait for a lane. */
  get size(): number {
    return this.#waiting.length
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#busyLanes >= this.#options.lanes)
      return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.most)
    this.#busyLanes++
    this.#schedule()
    try {
      const results = await this.#options.execute(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#busyLanes--
      this.#schedule()
    }
  }
}
