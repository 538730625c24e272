import type { Cancel, Clock } from '../core/clock.js'

/** What {@link Rounds} work with. */
export interface RoundsOptions {
  readonly clock: Clock

  /** How long after the end of one round the next begins, ms. */
  readonly every: number

  /** Must not reject. */
  readonly round: () => Promise<void>

  /** Whether there is anything to do. Default: always. */
  readonly isNeeded?: () => boolean
}

/** What is done again and again, for as long as there is anything to do. */
export class Rounds {
  readonly #options: RoundsOptions
  #cancel: Cancel | undefined
  #underWay: Promise<void> | undefined
  #isStopped = false

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  /** There will be a round, if it is needed. */
  begin(): void {
    const { clock, every, isNeeded = () => true } = this.#options
    if (this.#isStopped || this.#cancel || this.#underWay || !isNeeded()) return
    this.#cancel = clock.schedule(() => {
      this.#underWay = this.#play()
    }, every)
  }

  /** Begins no more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#underWay
  }

  async #play(): Promise<void> {
    this.#cancel = undefined
    try {
      await this.#options.round()
    } finally {
      this.#underWay = undefined
      this.begin()
    }
  }
}
