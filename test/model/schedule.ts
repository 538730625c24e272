import type { Random } from './random.js'

/**
 * A process as a coroutine. Each `yield` names the step that comes next, and is a place where any other process may go
 * first, and where a crash may happen.
 */
export type Steps<T = void> = Generator<string, T, undefined>

/** One step that was taken, for whoever replays a schedule. */
export type Trace = (who: string, step: string) => void

interface Running {
  readonly name: string
  readonly steps: Steps
  readonly crashRate: number
  /** The step that it takes when it is its turn. */
  next: string
  weight: number
}

/** How often the processes change which of them is fast. */
const CHANGE_OF_PACE = 1 / 12

/** Lets processes take steps in an order that chance decides: for a while some are fast and others all but stand still. */
export class Schedule {
  readonly #random: Random
  readonly #trace: Trace | undefined
  readonly #running: Running[] = []

  constructor(random: Random, trace?: Trace) {
    this.#random = random
    this.#trace = trace
  }

  get isOver(): boolean {
    return this.#running.length === 0
  }

  start(name: string, steps: Steps, crashRate = 0): void {
    this.#running.push({ name, steps, crashRate, next: 'begins', weight: this.#pace() })
  }

  /** One step of one process, or its crash. */
  advance(): void {
    if (this.#random.chance(CHANGE_OF_PACE)) this.#changePace()
    const running = this.#pick()
    if (this.#random.chance(running.crashRate)) {
      this.#trace?.(running.name, 'crashes')
      this.#end(running)
      return
    }
    this.#trace?.(running.name, running.next)
    const { done, value } = running.steps.next()
    if (done) this.#end(running)
    else running.next = value
  }

  #pick(): Running {
    const total = this.#running.reduce((sum, { weight }) => sum + weight, 0)
    let left = this.#random.fraction() * total
    return this.#running.find(({ weight }) => (left -= weight) < 0) ?? this.#running[0]!
  }

  #changePace(): void {
    for (const running of this.#running) running.weight = this.#pace()
  }

  #pace(): number {
    return this.#random.fraction() ** 4 + 0.01
  }

  #end(running: Running): void {
    this.#running.splice(this.#running.indexOf(running), 1)
  }
}
