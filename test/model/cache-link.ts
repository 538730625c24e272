import { isDoubtful } from './cache-model.js'
import type { CachedRecord, CacheModel, Confirmation } from './cache-model.js'
import type { Held, Live, PutMode, PutOutcome, Run } from './cache-model.js'
import type { Guards } from './guards.js'
import type { Random } from './random.js'
import type { Steps } from './schedule.js'
import { LEASE } from './times.js'

/** What a link needs of the world that it stands in. */
export interface LinkSetting {
  readonly cache: CacheModel
  readonly guards: Guards
  readonly random: Random
  readonly now: () => number
  readonly spawn: (name: string, steps: Steps) => void
}

/** What is peculiar to a connection. */
export interface LinkTraits {
  /** How often a command fails. */
  readonly failureRate: number
  /** How many steps it takes to learn the run at most. */
  readonly stepsToLearn: number
}

/** A token that was placed, and the run that was known when it was sent (rule 9). */
export interface Reservation {
  readonly token: number
  readonly run: Run
}

/** What a process sends to the cache after the ledger took or told it. */
export interface LearnedPut {
  readonly record: CachedRecord
  readonly mode: 'update' | Reservation
}

/** One script, with the run that its sender knew when it sent it. */
export type Command<T> = (cache: CacheModel, run: Run) => T

interface LateCommand {
  readonly life: number
  readonly execute: () => unknown
}

/**
 * One process's connection to the cache. A command on it is executed, or lost, or executed and its reply lost, or executed
 * late; the caller can't tell the last three apart. Commands are executed in the order in which they were sent. A restart
 * closes it: it is noticed a while later, the new run is learned a while after that, and a command that had no answer
 * may be sent again to the new server, as it was.
 */
export class CacheLink {
  /** The process knows that it can't reach the cache. */
  isCutOff = false
  #life: number
  #run: Run
  readonly #late: LateCommand[] = []
  readonly #setting: LinkSetting
  readonly #traits: LinkTraits

  constructor(setting: LinkSetting, traits: LinkTraits) {
    this.#setting = setting
    this.#life = setting.cache.life
    this.#run = setting.cache.run
    this.#traits = traits
  }

  /** The cache's answer, or `undefined` where none came. */
  ask<T>(command: Command<T>): T | undefined {
    if (this.isCutOff) return undefined
    const { cache, random } = this.#setting
    this.deliverLate()
    const execute = this.#toBeExecuted(command)
    if (this.#life !== cache.life) return this.#sendAgain(command, execute)
    if (!random.chance(this.#traits.failureRate)) return execute()
    this.#fail(execute)
    return undefined
  }

  /** Places a token; `found` is what stood there instead. */
  reserve(token: number): { readonly found: Held; readonly reservation: Reservation } | undefined {
    return this.ask((cache, run) => ({
      found: cache.reserve(token, run),
      reservation: { token, run },
    }))
  }

  /** Puts what the ledger said; a fill only where the run is known to be the one of its reservation. */
  put({ record, mode }: LearnedPut): PutOutcome | undefined {
    const { tokensAreStamped, unknownIsNoRun } = this.#setting.guards
    return this.ask((cache, run) => {
      if (mode === 'update') return cache.put({ record, mode, run })
      if (unknownIsNoRun && run === undefined) return 'lost'
      if (tokensAreStamped && run !== mode.run) return 'lost'
      const fill: PutMode = { fill: mode.token }
      return cache.put({ record, mode: fill, run })
    })
  }

  confirm(confirmation: Confirmation): 'ok' | 'moved' | undefined {
    return this.ask((cache, run) => cache.confirm(confirmation, run))
  }

  /** What a record is worth whose reply is processed now (rules 9 and 10). */
  judge(live: Live): 'sound' | 'due' | 'doubtful' {
    const { guards, now } = this.#setting
    if (isDoubtful(live, this.#run, guards)) return 'doubtful'
    return guards.leasesEnd && now() - live.confirmedAt > LEASE ? 'due' : 'sound'
  }

  /** Executes what is on its way; what was sent to an earlier life of the cache is lost, or sent again. */
  deliverLate(): void {
    const { cache, random } = this.#setting
    for (const { life, execute } of this.#late.splice(0)) {
      if (life === cache.life || random.chance(0.5)) execute()
    }
  }

  /** Connects anew: what the run is, is learned a while later. */
  reconnect(): void {
    this.#close()
    this.#life = this.#setting.cache.life
    this.#setting.spawn('a connection', this.#learnRun(this.#life))
  }

  /** What follows from a restart, unless a command that was sent meanwhile came first. */
  *notice(): Steps {
    const { cache, random } = this.#setting
    if (random.chance(0.5)) yield 'is still thought to be open'
    if (this.#life === cache.life) return
    this.#close()
    if (random.chance(0.5)) yield 'is closed'
    if (this.#life === cache.life) return
    this.#life = cache.life
    yield* this.#learnRun(this.#life)
  }

  #close(): void {
    if (this.#setting.guards.closeForgetsTheRun) this.#run = undefined
  }

  *#learnRun(life: number): Steps {
    const { cache } = this.#setting
    const { random } = this.#setting
    for (let left = random.below(this.#traits.stepsToLearn); left > 0; left -= 1)
      yield 'is open anew'
    yield 'learns the run'
    if (life === cache.life && life === this.#life) this.#run = cache.run
  }

  #toBeExecuted<T>(command: Command<T>): () => T {
    const run = this.#run
    return () => command(this.#setting.cache, run)
  }

  /** Over a connection that was closed: lost, or sent again as it was, or sent only after it was noticed. */
  #sendAgain<T>(command: Command<T>, execute: () => T): T | undefined {
    const fate = this.#setting.random.below(3)
    if (fate === 0) return undefined
    this.reconnect()
    return fate === 1 ? execute() : this.#toBeExecuted(command)()
  }

  #fail(execute: () => unknown): void {
    const fate = this.#setting.random.below(3)
    if (fate === 0) return
    if (fate === 1) {
      execute()
      return
    }
    this.#late.push({ life: this.#life, execute })
    this.#setting.spawn('a late command', this.#deliverInAWhile())
  }

  *#deliverInAWhile(): Steps {
    yield 'is on its way'
    yield 'arrives'
    this.deliverLate()
  }
}
