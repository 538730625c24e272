import type { CachedRecord, CacheModel, Live, PutMode, PutOutcome } from './cache-model.js'
import type { Guards } from './guards.js'
import type { Random } from './random.js'
import type { Steps } from './schedule.js'

/** How long a record is served without being confirmed, in steps; longer than any schedule. */
export const LEASE = 100_000

/** What a link needs of the world that it stands in. */
export interface LinkSetting {
  readonly cache: CacheModel
  readonly guards: Guards
  readonly random: Random
  readonly now: () => number
  readonly spawn: (name: string, steps: Steps) => void
}

/** A put, with the connection over which its process stood when it asked the ledger. */
export interface LearnedPut {
  readonly record: CachedRecord
  readonly mode: PutMode
  readonly learnedIn: number
}

/** What the ledger said of a record that was read; `undefined`: there is none. */
export interface Confirmation {
  readonly seen: Live
  readonly record: CachedRecord | undefined
  readonly learnedIn: number
}

interface LateCommand {
  readonly runId: number
  readonly run: () => unknown
}

/**
 * One process's connection to the cache. A command on it is executed, or lost, or executed and its reply lost, or executed
 * late; the caller can't tell the last three apart. Commands are executed in the order in which they were sent.
 */
export class CacheLink {
  /** The process knows that it can't reach the cache. */
  isCutOff = false
  /** Counts the connections; what was learned under an older one is old. */
  connection = 1
  #runId: number
  #trustedSince: number
  readonly #late: LateCommand[] = []
  readonly #setting: LinkSetting
  readonly #failureRate: number

  constructor(setting: LinkSetting, failureRate: number) {
    this.#setting = setting
    this.#runId = setting.cache.runId
    this.#trustedSince = setting.cache.trustedSince()
    this.#failureRate = failureRate
  }

  /** The cache's answer, or `undefined` where none came. */
  ask<T>(command: (cache: CacheModel) => T): T | undefined {
    if (this.isCutOff) return undefined
    const { cache, random } = this.#setting
    this.deliverLate()
    this.#connect()
    const run = () => command(cache)
    if (!random.chance(this.#failureRate)) return run()
    this.#fail(run)
    return undefined
  }

  /** Puts what the ledger said, or only forgets what is older where the connection was another one then. */
  put({ record, mode, learnedIn }: LearnedPut): PutOutcome | undefined {
    return this.ask((cache) => {
      if (!this.#isOld(learnedIn)) return cache.put(record, mode)
      if (mode === 'update') cache.forget(record.version)
      return 'lost'
    })
  }

  /** Confirms the record that was read, unless the connection was another one then. */
  confirm({ seen, record, learnedIn }: Confirmation): 'ok' | 'moved' | undefined {
    return this.ask((cache) => (this.#isOld(learnedIn) ? 'moved' : cache.confirm(seen, record)))
  }

  /** Whether a record is of this life of the cache. */
  trusts(live: Live): boolean {
    return !this.#setting.guards.distrustsTheOldEpoch || live.confirmedAt >= this.#trustedSince
  }

  /** Whether a record was confirmed within its lease. */
  isWithinLease(live: Live): boolean {
    return !this.#setting.guards.leasesEnd || this.#setting.now() - live.confirmedAt <= LEASE
  }

  /** Executes what is on its way; what was sent to an earlier life of the cache is lost. */
  deliverLate(): void {
    for (const { runId, run } of this.#late.splice(0)) {
      if (runId === this.#setting.cache.runId) run()
    }
  }

  #isOld(learnedIn: number): boolean {
    return this.#setting.guards.knowledgeEndsWithItsConnection && learnedIn !== this.connection
  }

  #connect(): void {
    const { cache } = this.#setting
    if (this.#runId === cache.runId) return
    this.#runId = cache.runId
    this.#trustedSince = cache.trustedSince()
    this.connection += 1
  }

  #fail(run: () => unknown): void {
    const fate = this.#setting.random.below(3)
    if (fate === 0) return
    if (fate === 1) {
      run()
      return
    }
    this.#late.push({ runId: this.#runId, run })
    this.#setting.spawn('a late command', this.#deliverInAWhile())
  }

  *#deliverInAWhile(): Steps {
    yield 'is on its way'
    yield 'arrives'
    this.deliverLate()
  }
}
