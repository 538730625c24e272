import type { Step } from '../worker/commands.js'
import type { StageWorker } from './stage.js'

/** Where an operation waits: before a step is made, or with its answer. */
export interface Stop {
  readonly step: Step
  readonly when: 'before' | 'after'
}

/** Before each of these steps. */
export function before(...steps: readonly Step[]): readonly Stop[] {
  return steps.map((step) => ({ step, when: 'before' }))
}

/** Something that one worker does, which waits at each of its stops until it is told to go on. */
export class SlowOperation {
  #passed = 0
  #isOver = false
  #over: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly worker: StageWorker,
    private readonly stops: readonly Stop[],
  ) {}

  /** Begins it; resolves when it waits at its first stop, or is over without one. */
  static async begin(
    worker: StageWorker,
    stops: readonly Stop[],
    perform: (worker: StageWorker) => Promise<unknown>,
  ): Promise<SlowOperation> {
    const operation = new SlowOperation(worker, stops)
    await operation.#hold()
    operation.#over = perform(worker).finally(() => (operation.#isOver = true))
    await operation.#arrive()
    return operation
  }

  /** It goes on, as far as its next stop or its end. */
  async advance(): Promise<void> {
    if (this.#isOver) return
    const { step } = this.stops[this.#passed++]!
    await this.#hold()
    await this.worker.process.ask({ do: 'release', step })
    await this.#arrive()
  }

  get #stop(): Stop | undefined {
    return this.stops[this.#passed]
  }

  async #hold(): Promise<void> {
    if (this.#stop) await this.worker.process.ask({ do: 'hold', ...this.#stop })
  }

  async #arrive(): Promise<void> {
    const { process } = this.worker
    const step = this.#stop?.step
    const reached = step && process.ask({ do: 'reached', step })
    await Promise.race(reached ? [this.#over, reached] : [this.#over])
    if (this.#isOver && step) await process.ask({ do: 'release', step })
  }
}

/** Every order in which two can make so many moves each: 0 is a move of the first, 1 of the second. */
export function interleavings(first: number, second: number): readonly (readonly (0 | 1)[])[] {
  if (first === 0) return [Array.from({ length: second }, () => 1)]
  if (second === 0) return [Array.from({ length: first }, () => 0)]
  return [
    ...interleavings(first - 1, second).map((rest) => [0, ...rest] as const),
    ...interleavings(first, second - 1).map((rest) => [1, ...rest] as const),
  ]
}
