interface Fault {
  /** How often it happens; then the operation is sound again. */
  times: number

  /** What becomes of a call. */
  readonly happen: <T>(call: () => Promise<T>) => Promise<T>
}

/** The error of a call that was told to fail. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError'
}

/**
 * What goes wrong between a caller and a tier, by operation; and a count of the calls. Where no
 * operation is named, it goes wrong in all of them. What is told last counts, until
 * {@link Chaos.heal}.
 */
export class Chaos<Operation extends string> {
  readonly #faults = new Map<Operation, Fault>()
  readonly #calls = new Map<Operation, number>()

  /** @param operations - all that there are. */
  constructor(private readonly operations: readonly Operation[]) {}

  /** Calls fail, and do nothing. */
  fail(operations: readonly Operation[] = this.operations, times = Infinity): void {
    this.#break(operations, { times, happen: () => Promise.reject(new ChaosError('Refused')) })
  }

  /** Calls do what was asked, and fail then: the reply is lost on its way. */
  loseReplies(operations: readonly Operation[] = this.operations, times = Infinity): void {
    this.#break(operations, {
      times,
      happen: async (call) => {
        await call()
        throw new ChaosError('The reply was lost')
      },
    })
  }

  /** Calls wait, and are done when the function that is returned is called; without it, never. */
  hold(operations: readonly Operation[] = this.operations, times = Infinity): () => void {
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    this.#break(operations, { times, happen: (call) => released.then(call) })
    return release
  }

  /** Calls do what was asked; their replies wait for the function that is returned to be called. */
  holdReplies(operations: readonly Operation[] = this.operations, times = Infinity): () => void {
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    this.#break(operations, {
      times,
      happen: async (call) => {
        const result = await call()
        await released
        return result
      },
    })
    return release
  }

  /** Calls are sound again. What is held stays held. */
  heal(operations: readonly Operation[] = this.operations): void {
    for (const operation of operations) this.#faults.delete(operation)
  }

  /** How often an operation was called, or all of them. */
  calls(operations: readonly Operation[] = this.operations): number {
    return operations.reduce((sum, each) => sum + (this.#calls.get(each) ?? 0), 0)
  }

  /** Makes a call, with what goes wrong in it. */
  async run<T>(operation: Operation, call: () => Promise<T>): Promise<T> {
    this.#calls.set(operation, this.calls([operation]) + 1)
    const fault = this.#faults.get(operation)
    if (!fault) return call()
    fault.times--
    if (fault.times <= 0) this.#faults.delete(operation)
    return fault.happen(call)
  }

  #break(operations: readonly Operation[], fault: Fault): void {
    for (const operation of operations) this.#faults.set(operation, { ...fault })
  }
}
