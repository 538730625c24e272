import type { Held } from '../core/cache.js'
import { MAX_VERSION } from '../core/ledger.js'
import type { SessionId } from '../core/session-id.js'
import type { Unreached } from './cache-answers.js'
import { keepNewest } from './keep-newest.js'

const MOST = 10_000
const AT_ONCE = 500

/** What is told is told in vain where another program has a value of its own under this key. */
const FOREIGN = /\bWRONGTYPE\b/

/** What the cache could not be told of a session. */
export interface UntoldChange {
  /** It may hold less than this one. */
  readonly version: number
}

/**
 * The sessions of which this process knows that the cache was not told: what it holds of them may be
 * old, and is not believed here until it was forgotten (protocol rule 14).
 */
export class Untold {
  readonly #changes = new Map<SessionId, UntoldChange>()

  get size(): number {
    return this.#changes.size
  }

  /** What is untold now: whoever tells the cache names it to {@link Untold.told}. */
  of(id: SessionId): UntoldChange | undefined {
    return this.#changes.get(id)
  }

  /**
   * What the cache holds, as far as it is believed: of what is untold, a tombstone alone. What was
   * told while the question was under way may have been told after it was answered.
   *
   * @param before - what was untold when the cache was asked.
   */
  believed(
    id: SessionId,
    held: Held | Unreached,
    before: UntoldChange | undefined,
  ): Held | Unreached {
    if (before === undefined && !this.#changes.has(id)) return held
    const isAnswer = held.kind !== 'unreached' && held.kind !== 'tombstone'
    return isAnswer ? { kind: 'unreached', reason: 'untold' } : held
  }

  /**
   * The cache may hold less than this version. Answers whether there was room; if not, the oldest
   * has given way.
   */
  add(id: SessionId, version: number): boolean {
    const before = this.#changes.get(id)
    const hadRoom = before !== undefined || this.#changes.size < MOST
    const newest = Math.max(version, before?.version ?? 0)
    keepNewest(this.#changes, [id, { version: newest }], MOST)
    return hadRoom
  }

  /**
   * The cache holds nothing below this version any more.
   *
   * @param untold - what was when it was asked: what became untold since then still is.
   */
  told(id: SessionId, untold: UntoldChange | undefined, version = MAX_VERSION): void {
    if (!untold || untold.version > version) return
    if (this.#changes.get(id) === untold) this.#changes.delete(id)
  }

  /**
   * Has the cache forget what is there now; nothing more once it refused as many as were asked at once.
   *
   * @param forget - has it forget a session, and may do so after it has rejected.
   * @throws what the first of those that failed rejected with.
   */
  async tell(forget: (id: SessionId, told: () => void) => Promise<void>): Promise<void> {
    const changes = [...this.#changes]
    const failures: unknown[] = []
    for (let start = 0; start < changes.length && failures.length < AT_ONCE; start += AT_ONCE) {
      const outcomes = await Promise.allSettled(
        changes.slice(start, start + AT_ONCE).map(async ([id, untold]) => {
          const told = (): void => this.told(id, untold)
          await forget(id, told).catch((error: unknown) => unlessForeign(error, told))
        }),
      )
      for (const each of outcomes) if (each.status === 'rejected') failures.push(each.reason)
    }
    if (failures.length > 0) throw failures[0]
  }
}

/** Whoever reads such a key is told the same, and asks the ledger. */
export function isForeign(error: unknown): boolean {
  return error instanceof Error && FOREIGN.test(error.message)
}

function unlessForeign(error: unknown, told: () => void): void {
  if (!isForeign(error)) throw error
  told()
}
