/** Counts what is under way, so that whoever closes what it works with can wait for it. */
export class UnderWay {
  #count = 0
  #onIdle: (() => void) | undefined

  /** Begins a task, and counts it until it ends, however it ends. What it throws at once is its end. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#count += 1
    const work = begun(task)
    work.then(this.#end, this.#end)
    return work
  }

  /** Resolves once nothing is under way; nothing may be begun any more. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  readonly #end = (): void => {
    this.#count -= 1
    if (this.#count === 0) this.#onIdle?.()
  }
}

function begun<T>(task: () => Promise<T>): Promise<T> {
  try {
    return task()
  } catch (error) {
    return failed(error)
  }
}

async function failed(error: unknown): Promise<never> {
  throw error
}
