import { Gathered } from './gathered.js'
import type { RedisClient } from './redis-client.js'

/** So many keys are asked for at once: while these are read here, Redis looks for the next. */
const MOST = 32

/** The keys that are read in one turn of the event loop are one MGET; a lone one is a GET. */
export class GatheredReads {
  readonly #gathered: Gathered<string, string | null>

  constructor(client: Required<Pick<RedisClient, 'get' | 'mget'>>) {
    this.#gathered = new Gathered({
      most: MOST,
      ask: (keys) => {
        const [first = '', ...others] = keys
        if (others.length > 0) return client.mget(...keys)
        return client.get(first).then((value) => [value])
      },
    })
  }

  /** The value of a key, or `null`. */
  get(key: string): Promise<string | null> {
    return this.#gathered.submit(key)
  }
}
