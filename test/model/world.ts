import { CacheLink } from './cache-link.js'
import { CacheModel } from './cache-model.js'
import type { Guards } from './guards.js'
import { History } from './history.js'
import { LedgerDown, LedgerModel } from './ledger-model.js'
import { NearCache } from './near-cache.js'
import type { Random } from './random.js'
import { Schedule } from './schedule.js'
import type { Fates, Steps, Trace } from './schedule.js'

/** What is peculiar to a process. */
export interface Traits {
  /** It can't reach the cache, and knows it. */
  readonly isCutOff?: boolean
  /** How often a command to the cache fails. */
  readonly cacheFailures?: number
  /** How many steps it takes at most to learn the run of a cache to which it has connected. */
  readonly stepsToLearn?: number
  /** How often the ledger's reply is lost. */
  readonly lostReplies?: number
  /** It keeps a copy of its own. */
  readonly hasNear?: boolean
}

/** One process of the fleet: its way to the cache, its way to the ledger, and what it was promised. */
export interface Process {
  readonly world: World
  readonly link: CacheLink
  readonly lostReplies: number
  readonly near: NearCache | undefined
  /** No read of this process that begins now may answer with less. */
  floor: number

  /** What it acknowledged last, if it did: while that stands, its own reads answer with no less. */
  own: Own | undefined

  /** What the cache may hold less than, for it could not be told; 0 where it was. */
  untold: number

  /** It has died: what it has not told the cache, it never tells. */
  hasDied: boolean
}

/** A commit of a process's own. */
export interface Own {
  readonly version: number

  /** None of a tombstone. */
  readonly writeId: string | undefined
}

/** One session's ledger and cache, the schedule of those who use them, and the witness of what happens. */
export class World {
  now = 1
  readonly history = new History()
  readonly ledger: LedgerModel
  readonly cache: CacheModel
  readonly schedule: Schedule
  readonly processes: Process[] = []
  #lastNumber = 0

  constructor(
    readonly random: Random,
    readonly guards: Guards,
    trace?: Trace,
  ) {
    const setting = {
      history: this.history,
      guards,
      now: () => this.now,
      publish: (version: number) => this.#publish(version),
    }
    this.ledger = new LedgerModel(setting)
    this.cache = new CacheModel(setting)
    this.schedule = new Schedule(random, trace)
  }

  openProcess(traits: Traits = {}): Process {
    const { isCutOff = false, cacheFailures = 0, lostReplies = 0, stepsToLearn = 3 } = traits
    const { cache, guards, random } = this
    const spawn = (name: string, steps: Steps) => this.start(name, steps)
    const setting = { cache, guards, random, spawn, now: () => this.now }
    const link = new CacheLink(setting, { failureRate: cacheFailures, stepsToLearn })
    link.isCutOff = isCutOff
    const near = traits.hasNear ? new NearCache(setting) : undefined
    const own: Own | undefined = undefined
    const unburdened = { floor: 0, own, untold: 0, hasDied: false }
    const process = { world: this, link, lostReplies, near, ...unburdened }
    this.processes.push(process)
    return process
  }

  /** Lets a process run beside the others; one that the ledger fails ends. */
  start(name: string, steps: Steps, fates?: Fates): void {
    this.schedule.start(name, endWithTheLedger(steps), fates)
  }

  #publish(version: number): void {
    for (const { near } of this.processes) near?.send(version)
  }

  /** A number that was never given out before: a write's identity, a fill's token. */
  nextNumber(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }
}

function* endWithTheLedger(steps: Steps): Steps {
  try {
    yield* steps
  } catch (error) {
    if (!(error instanceof LedgerDown)) throw error
  }
}
