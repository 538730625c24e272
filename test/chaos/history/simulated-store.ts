import type { Random } from '../../model/random.js'
import type { Completion, Invocation, SeenSession } from './operation.js'

/** When an operation takes effect, and what became of it as its caller sees it. */
export interface Plan {
  readonly invocation: Invocation
  readonly endsAt: number

  /** `lost`: it takes effect, and its caller is not told. */
  readonly fate: 'ok' | 'lost' | 'unknown' | 'fail'

  readonly effectAt: number
}

/** What came of an effect. */
export type Answer = Pick<Completion, 'outcome' | 'seen'>

interface Commit {
  readonly at: number
  readonly seen: SeenSession
}

/**
 * One session in a store that is linearizable, but for reads that may be out of date by so many ms.
 */
export class SimulatedSession {
  readonly #commits: Commit[] = []
  readonly #random: Random
  #endedAt = Infinity
  #refusedAt = Infinity

  constructor(
    readonly name: string,
    private readonly expiresAt: number,
    random: Random,
  ) {
    this.#random = random
  }

  /** A read at some time that is not in the future. A destroy that failed may be seen or not. */
  read(at: number): Answer {
    const seen = this.#at(at)
    const isRefused = at >= this.#refusedAt && this.#random.chance(0.5)
    return seen && !isRefused ? { seen } : {}
  }

  /** What the ledger itself holds. */
  final(at: number): Answer {
    const seen = this.#at(at)
    return seen ? { seen } : {}
  }

  /**
   * Commits a version with everything that stands, unless this write's last commit stands already.
   */
  write({ operation, key }: Invocation, at: number): Answer {
    const base = this.#at(at)
    const isOver = at >= Math.min(this.#endedAt, this.expiresAt)
    if (isOver || (at >= this.#refusedAt && this.#random.chance(0.3))) return { outcome: 'gone' }
    const keys = new Set(base?.keys)
    if (key !== undefined) keys.add(key)
    const version = (base?.version ?? 0) + 1
    const seen = { version, hash: `by ${operation}`, label: this.name, keys: [...keys] }
    this.#commits.push({ at, seen })
    return { outcome: 'written', seen }
  }

  /** Ends it for good, also before it has begun. */
  destroy(at: number): Answer {
    const wasLive = this.#at(at) !== undefined
    this.refuse(at)
    this.#endedAt = Math.min(this.#endedAt, at)
    return { outcome: wasLive ? 'ended' : 'absent' }
  }

  /** What a destroy that failed leaves behind. */
  refuse(at: number): void {
    this.#refusedAt = Math.min(this.#refusedAt, at)
  }

  #at(at: number): SeenSession | undefined {
    if (at >= Math.min(this.#endedAt, this.expiresAt)) return undefined
    return this.#commits.findLast((commit) => commit.at <= at)?.seen
  }
}
