import type { Cancel, Clock } from '../core/clock.js'

/** Something to be done later, unless it is stopped. */
export interface Timer {
  /** It is not to be done any more. Idempotent. */
  stop(): void
}

/**
 * One timer of the clock for all that is to be done after the same delay: each read of a session
 * has two deadlines, and next to none of them ever comes.
 *
 * What is due is done in a later turn of the event loop. Timers come before sockets: after a busy
 * stretch the answer that stops it may lie there unread.
 */
export class SharedTimers {
  readonly #clock: Clock
  readonly #queues = new Map<number, Queue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Does `task` once, after `delay` ms. */
  start(task: () => void, delay: number): Timer {
    const queue = this.#queues.get(delay) ?? new Queue(this.#clock, delay)
    this.#queues.set(delay, queue)
    const timer = queue.add(task)
    if (this.#queues.size > MOST_QUEUES) this.#forgetIdle()
    return timer
  }

  /** Delays that are what was left of another one are never met again. */
  #forgetIdle(): void {
    for (const [delay, queue] of this.#queues) if (queue.isIdle) this.#queues.delete(delay)
  }
}

const MOST_QUEUES = 32

/**
 * What is to be done after one delay, in the order in which it becomes due. The delay begins at the
 * end of the event loop's turn: what is asked in a turn is sent then.
 */
class Queue {
  #begun: Waiting[] = []
  #waiting: Waiting[] = []
  #count = 0
  #cancel: Cancel | undefined

  constructor(
    private readonly clock: Clock,
    private readonly delay: number,
  ) {}

  get isIdle(): boolean {
    return this.#count === 0
  }

  add(task: () => void): Timer {
    const waiting = new Waiting(task, this.#onEnd)
    if (this.#begun.length === 0) setImmediate(this.#endTurn)
    this.#begun.push(waiting)
    this.#count += 1
    return waiting
  }

  readonly #endTurn = (): void => {
    const dueAt = this.clock.monotonic() + this.delay
    for (const each of this.#begun) {
      if (each.isOver) continue
      each.dueAt = dueAt
      this.#waiting.push(each)
    }
    this.#begun = []
    if (this.#waiting.length > 0) this.#cancel ??= this.clock.schedule(this.#tick, this.delay)
  }

  /** One was stopped, or done: it makes room once most of what is there has ended. */
  readonly #onEnd = (): void => {
    this.#count -= 1
    if (this.#count === 0) {
      this.#cancel?.()
      this.#cancel = undefined
      this.#waiting = []
    } else if (this.#waiting.length > LEAST_TO_CLEAR + 2 * this.#count) {
      this.#waiting = this.#waiting.filter(({ isOver }) => !isOver)
    }
  }

  readonly #tick = (): void => {
    const now = this.clock.monotonic()
    const waiting = this.#waiting.filter(({ isOver }) => !isOver)
    const firstLater = waiting.findIndex(({ dueAt }) => dueAt > now)
    const due = waiting.splice(0, firstLater < 0 ? waiting.length : firstLater)
    this.#waiting = waiting
    for (const each of due) setImmediate(() => each.run())
    const [next] = waiting
    this.#cancel = next && this.clock.schedule(this.#tick, next.dueAt - now)
  }
}

const LEAST_TO_CLEAR = 256

class Waiting implements Timer {
  #task: (() => void) | undefined

  /** Monotonic ms; unknown until the end of the turn that it begins in. */
  dueAt = Infinity

  constructor(
    task: () => void,
    private readonly onEnd: () => void,
  ) {
    this.#task = task
  }

  get isOver(): boolean {
    return this.#task === undefined
  }

  run(): void {
    const task = this.#task
    this.stop()
    task?.()
  }

  stop(): void {
    if (!this.#task) return
    this.#task = undefined
    this.onEnd()
  }
}
