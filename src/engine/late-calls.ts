import type { Clock } from '../core/clock.js'
import { DeadlineError } from '../core/errors.js'
import { withDeadline } from './deadline.js'

/** Calls that are unanswered beyond their deadline: what is asked after them would be late, too. */
export class LateCalls {
  #late = new Set<Promise<unknown>>()

  /**
   * @param most - so many may be late; no other call is made then. Default: any number.
   * @param onSettled - told each time that one which was late has ended, and whether by an answer.
   */
  constructor(
    private readonly clock: Clock,
    private readonly most = Infinity,
    private readonly onSettled: (isAnswered: boolean) => void = () => {},
  ) {}

  /** How many there are, until each has ended after all. */
  get size(): number {
    return this.#late.size
  }

  /** Calls, as {@link withDeadline}, and remembers what is late. */
  async inTime<T>(call: () => Promise<T>, timeout: number): Promise<T> {
    if (this.#late.size >= this.most) throw new Error('Too many calls are unanswered')
    const work = call()
    try {
      return await withDeadline(work, timeout, this.clock)
    } catch (error) {
      if (error instanceof DeadlineError) this.#remember(work)
      throw error
    }
  }

  #remember(work: Promise<unknown>): void {
    const late = this.#late.add(work)
    const settled = (isAnswered: boolean): void => {
      late.delete(work)
      this.onSettled(isAnswered)
    }
    work.then(
      () => settled(true),
      () => settled(false),
    )
  }

  /** Another call was answered since: what was asked before is not waited for any more. */
  forget(): void {
    this.#late = new Set()
  }
}
