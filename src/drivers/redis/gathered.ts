/** How a {@link Gathered} asks. */
export interface GatheredOptions<Item, Result> {
  /** Asks for several at once; the results are in the order of the items. */
  readonly ask: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>

  /** How many items one command may hold. */
  readonly most: number

  /** How long an item is, in characters; one that is long goes alone. Default: all are short. */
  readonly lengthOf?: (item: Item) => number
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** A command is not made longer than this: others wait for Redis while it works on one. */
const LONGEST = 65_536

/**
 * Gathers what is asked in one turn of the event loop into one command, or a few: a command costs
 * many times what one more key of it does. A server that refuses several keys in one is asked for
 * each alone, from then on.
 */
export class Gathered<Item, Result> {
  readonly #options: GatheredOptions<Item, Result>
  #most: number
  #waiting: Waiting<Item, Result>[] = []

  constructor(options: GatheredOptions<Item, Result>) {
    this.#options = options
    this.#most = options.most
  }

  /** Settles as its command does. A result that is an Error is the failure of this item alone. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#askAll)
      this.#waiting.push({ item, resolve, reject })
    })
  }

  readonly #askAll = (): void => {
    const { lengthOf } = this.#options
    const waiting = this.#waiting
    this.#waiting = []
    let length = 0
    let first = 0
    waiting.forEach(({ item }, at) => {
      const more = lengthOf?.(item) ?? 0
      if (at > first && (at - first === this.#most || length + more > LONGEST)) {
        void this.#askFor(waiting.slice(first, at))
        first = at
        length = 0
      }
      length += more
    })
    void this.#askFor(first === 0 ? waiting : waiting.slice(first))
  }

  async #askFor(waiting: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.ask(waiting.map(({ item }) => item))
      waiting.forEach(({ resolve, reject }, index) => {
        const result = results[index] as Result | Error
        if (result instanceof Error) reject(result)
        else resolve(result)
      })
    } catch (error) {
      if (waiting.length > 1 && isRefusedTogether(error)) {
        this.#most = 1
        for (const each of waiting) void this.#askFor([each])
      } else for (const { reject } of waiting) reject(error)
    }
  }
}

/**
 * A server that is part of a Cluster, or of what behaves like one, behind a client that does not
 * know it; or a user who may not use each of the keys. Nothing was done then.
 */
function isRefusedTogether(error: unknown): boolean {
  return error instanceof Error && /^(CROSSSLOT|NOPERM)/.test(error.message)
}
