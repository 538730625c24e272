import type { SessionId } from '../core/session-id.js'

/** How many operations may be under way or wait, of all sessions together. */
const MOST_UNDER_WAY = 20_000

/**
 * Puts operations on one session of this process one after the other (protocol rule 11), so that a
 * redirect which is followed at once sees the login, and a batch never holds one session twice.
 * Different sessions do not wait for each other.
 */
export class IdChain {
  readonly #tails = new Map<SessionId, Promise<unknown>>()
  readonly #overflow: () => Error
  #underWay = 0

  /** @param overflow - the error of an operation that finds twenty thousand before it. */
  constructor(overflow: () => Error) {
    this.#overflow = overflow
  }

  /** Runs `task` once everything begun before on this id has ended, however it ended. */
  run<T>(id: SessionId, task: () => Promise<T>): Promise<T> {
    if (this.#underWay >= MOST_UNDER_WAY) return Promise.reject(this.#overflow())
    this.#underWay += 1
    const before = this.#tails.get(id)
    const result = before ? before.then(task) : task()
    const tail = result.then(nothing, nothing).then(() => {
      this.#underWay -= 1
      if (this.#tails.get(id) === tail) this.#tails.delete(id)
    })
    this.#tails.set(id, tail)
    return result
  }

  /** What a read of this id has to wait for, or `undefined`; it never rejects. */
  pending(id: SessionId): Promise<unknown> | undefined {
    return this.#tails.get(id)
  }

  /** Resolves once nothing is under way that was begun before. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }

  /** How many sessions have something under way. */
  get size(): number {
    return this.#tails.size
  }
}

function nothing(): void {
  return undefined
}
