import type { SessionId } from '../core/session-id.js'
import { keepNewest } from './keep-newest.js'

const MOST = 10_000
const AT_ONCE = 500

/** What is told is told in vain where another program has a value of its own under this key. */
const FOREIGN = /\bWRONGTYPE\b/

/**
 * The sessions of which this process knows that the cache was not told: what it holds of them may be
 * old, and is not believed here until it was forgotten (protocol rule 14).
 */
export class Untold {
  readonly #versions = new Map<SessionId, number>()

  get size(): number {
    return this.#versions.size
  }

  has(id: SessionId): boolean {
    return this.#versions.has(id)
  }

  /**
   * The cache may hold less than this version. Answers whether there was room; if not, the oldest
   * has given way.
   */
  add(id: SessionId, version: number): boolean {
    const hadRoom = this.#versions.size < MOST || this.#versions.has(id)
    const newest = Math.max(version, this.#versions.get(id) ?? 0)
    keepNewest(this.#versions, [id, newest], MOST)
    return hadRoom
  }

  /** The cache holds nothing below this version any more. */
  told(id: SessionId, version: number): void {
    const untold = this.#versions.get(id)
    if (untold !== undefined && untold <= version) this.#versions.delete(id)
  }

  /**
   * Has the cache forget what is there now.
   *
   * @param forget - has it forget one session up to a version. What it rejects with is thrown, once
   * the others that were asked with it have ended.
   */
  async tell(forget: (id: SessionId, version: number) => Promise<void>): Promise<void> {
    const untold = [...this.#versions]
    for (let start = 0; start < untold.length; start += AT_ONCE) {
      const batch = untold.slice(start, start + AT_ONCE)
      const outcomes = await Promise.allSettled(
        batch.map(async ([id, version]) => {
          await forget(id, version).catch(unlessForeign)
          this.told(id, version)
        }),
      )
      const failed = outcomes.find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    }
  }
}

/** Whoever reads such a key is told the same, and asks the ledger. */
export function isForeign(error: unknown): boolean {
  return error instanceof Error && FOREIGN.test(error.message)
}

function unlessForeign(error: unknown): void {
  if (!isForeign(error)) throw error
}
