import type { Cancel, Clock } from '../core/clock.js'

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

  /** How long items wait for a lane; as long as it takes where this is left out. */
  readonly patience?: Patience
}

/** How long an item may wait, so that lanes which are stuck do not keep it for many times that. */
export interface Patience {
  /** ms. */
  readonly timeout: number
  readonly clock: Clock

  /** The error of an item that has waited for as long. */
  readonly late: () => Error
}

interface Waiting<Item, Result> {
  readonly item: Item

  /** Monotonic ms. */
  readonly since: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * What waits is divided among the lanes that are free, so that one is worked on here while another
 * is there; but no further than this: a batch of few costs hardly less.
 */
const LEAST_SHARE = 32

/**
 * Gathers single items into batches. Where nothing is under way, an item starts when its tick ends;
 * while a lane is free, at the end of the event loop's turn, with what else came in that turn; while
 * all are busy the next batch gathers. So a lone caller never waits for company; and with a
 * {@link Patience} nobody waits for stuck lanes for longer than that.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  #busyLanes = 0
  #isScheduled = false
  #cancel: Cancel | undefined

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  /** Settles as the batch which holds this item does. */
  submit(item: Item): Promise<Result> {
    const { queue, overflow, patience, lanes } = this.#options
    if (this.#waiting.length >= queue) return Promise.reject(overflow())
    return new Promise((resolve, reject) => {
      const since = patience ? patience.clock.monotonic() : 0
      this.#waiting.push({ item, since, resolve, reject })
      this.#schedule()
      if (this.#busyLanes >= lanes) this.#watch()
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
    const start = (): void => {
      this.#isScheduled = false
      this.#start()
    }
    // Where nothing is under way, whoever comes is most likely alone.
    if (this.#busyLanes === 0) process.nextTick(start)
    else setImmediate(start)
  }

  #start(): void {
    const { lanes, most } = this.#options
    this.#rejectLate()
    while (this.#waiting.length > 0 && this.#busyLanes < lanes) {
      const share = Math.ceil(this.#waiting.length / (lanes - this.#busyLanes))
      void this.#run(this.#waiting.splice(0, Math.min(most, Math.max(LEAST_SHARE, share))))
    }
    if (this.#waiting.length === 0) this.#unwatch()
    else this.#watch()
  }

  async #run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#busyLanes++
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

  /** One timer serves all that wait: it is due when the one that came first is. */
  #watch(): void {
    const { patience } = this.#options
    const [first] = this.#waiting
    if (!patience || !first || this.#cancel) return
    const { clock, timeout } = patience
    const delay = Math.max(0, first.since + timeout - clock.monotonic())
    // Timers come before sockets: after a busy stretch a lane's answer may lie there unread.
    this.#cancel = clock.schedule(() => setImmediate(() => this.#tick()), delay)
  }

  #unwatch(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tick(): void {
    this.#rejectLate()
    this.#unwatch()
    this.#watch()
  }

  #rejectLate(): void {
    const { patience } = this.#options
    if (!patience || this.#waiting.length === 0) return
    const cameBefore = patience.clock.monotonic() - patience.timeout
    const firstInTime = this.#waiting.findIndex(({ since }) => since > cameBefore)
    const late = this.#waiting.splice(0, firstInTime < 0 ? Infinity : firstInTime)
    for (const { reject } of late) reject(patience.late())
  }
}
