/** How a {@link Gathered} asks. */
export interface GatheredOptions<Item, Result> {
  /** Asks for several at once; the results are in the order of the items. */
  readonly ask: (items: readonly Item[]) => Promise<readonly Result[]>

  /** How many items one command may hold. */
  readonly most: number

  /** How long an item is, in characters; a command holds few that are long. Default: they are short. */
  readonly lengthOf?: (item: Item) => number
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** A command that is longer is not made longer still: others wait for Redis while it works on one. */
const LONG = 65_536

/**
 * Gathers what is asked in one turn of the event loop into one command, or a few: a command costs
 * many times what one more key of it does.
 */
export class Gathered<Item, Result> {
  readonly #options: GatheredOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []

  constructor(options: GatheredOptions<Item, Result>) {
    this.#options = options
  }

  /** Settles as its command does. A result that is an Error is the failure of this item alone. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#askAll)
      this.#waiting.push({ item, resolve, reject })
    })
  }

  readonly #askAll = (): void => {
    const { most, lengthOf } = this.#options
    const waiting = this.#waiting
    this.#waiting = []
    let length = 0
    let first = 0
    waiting.forEach(({ item }, at) => {
      const isFull = at - first === most || (at > first && length >= LONG)
      if (isFull) {
        void this.#askFor(waiting.slice(first, at))
        first = at
        length = 0
      }
      length += lengthOf?.(item) ?? 0
    })
    void this.#askFor(first === 0 ? waiting : waiting.slice(first))
  }

  async #askFor(waiting: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.ask(waiting.map(({ item }) => item))
      waiting.forEach(({ resolve, reject }, index) => {
        const result = results[index] as Result
        if (result instanceof Error) reject(result)
        else resolve(result)
      })
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
