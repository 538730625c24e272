import type { Random } from './random.js'

/**
 * A process as a coroutine. Each `yield` names the step that comes next, and is a place where any other process may go
 * first, and where a crash may happen.
 */
export type Steps<T = void> = Generator<string, T, undefined>

/** One step that was taken, for whoever replays a schedule. */
export type Trace = (who: string, step: string) => void

/** What may happen to a process at each of its steps, as probabilities. */
export interface Fates {
  /** It dies. */
  readonly crashes?: number
  /** It stands still, while others take many steps. */
  readonly stalls?: number
}

interface Running {
  readonly name: string
  readonly steps: Steps
  readonly fates: Fates
  /** Before which step of the schedule it does not go on, unless nobody else can. */
  wakesAt: number
  /** The step that it takes when it is its turn. */
  next: string
  weight: number
}

/** How often the processes change which of them is fast. */
const CHANGE_OF_PACE = 1 / 12

/** For how many steps of others a process stands still at most. */
const LONGEST_STALL = 60

/** Lets processes take steps in an order that chance decides: for a while some are fast and others all but stand still. */
export class Schedule {
  readonly #random: Random
  readonly #trace: Trace | undefined
  readonly #running: Running[] = []
  #steps = 0

  constructor(random: Random, trace?: Trace) {
    this.#random = random
    this.#trace = trace
  }

  get isOver(): boolean {
    return this.#running.length === 0
  }

  start(name: string, steps: Steps, fates: Fates = {}): void {
    const weight = this.#pace()
    this.#running.push({ name, steps, fates, wakesAt: 0, next: 'begins', weight })
  }

  /** One step of one process, or its crash. */
  advance(): void {
    this.#steps += 1
    if (this.#random.chance(CHANGE_OF_PACE)) this.#changePace()
    const running = this.#pick()
    const { crashes = 0, stalls = 0 } = running.fates
    if (this.#random.chance(crashes)) {
      this.#trace?.(running.name, 'crashes')
      this.#end(running)
      return
    }
    this.#trace?.(running.name, running.next)
    const { done, value } = running.steps.next()
    if (done) this.#end(running)
    else running.next = value
    if (this.#random.chance(stalls)) {
      running.wakesAt = this.#steps + this.#random.below(LONGEST_STALL)
    }
  }

  #pick(): Running {
    const awake = this.#running.filter(({ wakesAt }) => wakesAt <= this.#steps)
    const ready = awake.length > 0 ? awake : this.#running
    const total = ready.reduce((sum, { weight }) => sum + weight, 0)
    let left = this.#random.fraction() * total
    return ready.find(({ weight }) => (left -= weight) < 0) ?? ready[0]!
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
