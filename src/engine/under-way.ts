/** Counts what is under way, so that whoever closes what it works with can wait for it. */
export class UnderWay {
  #count = 0
  #onIdle: (() => void) | undefined

  /** Counts this work until it ends, however it ends; it is returned as it is. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#count += 1
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
