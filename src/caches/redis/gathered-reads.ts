import type { RedisClient } from './redis-client.js'

/** So many keys are asked for at once: while these are read here, Redis looks for the next. */
const MOST = 32

interface Waiting {
  readonly key: string
  readonly resolve: (value: string | null) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks for all keys that are read in one turn of the event loop by one MGET: a command costs many
 * times what one more key does. A lone key is a GET.
 */
export class GatheredReads {
  #waiting: Waiting[] = []

  constructor(private readonly client: Required<Pick<RedisClient, 'get' | 'mget'>>) {}

  /** The value of a key, or `null`. */
  get(key: string): Promise<string | null> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#ask)
      this.#waiting.push({ key, resolve, reject })
    })
  }

  readonly #ask = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += MOST) {
      void this.#askFor(waiting.slice(start, start + MOST))
    }
  }

  async #askFor(waiting: readonly Waiting[]): Promise<void> {
    try {
      const values = await this.#valuesOf(waiting.map(({ key }) => key))
      waiting.forEach(({ resolve }, index) => {
        resolve(values[index] ?? null)
      })
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  #valuesOf(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const [first = '', ...others] = keys
    if (others.length > 0) return this.client.mget(...keys)
    return this.client.get(first).then((value) => [value])
  }
}
