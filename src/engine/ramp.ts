/** From so many on, nothing is held back any more. */
const ENOUGH = 1024

/**
 * Lets calls through one at a time, then two, then four and so on, after `restart`: what comes back
 * from an outage is not buried at once. Until then, and once 1024 at a time went well, all pass.
 */
export class Ramp {
  #permits = Infinity
  #underWay = 0
  #successes = 0

  /** Begins with one at a time. */
  restart(): void {
    this.#permits = 1
    this.#successes = 0
  }

  /** Whether a call may begin; one that may is told of by `leave` when it ends. */
  enter(): boolean {
    if (this.#underWay >= this.#permits) return false
    this.#underWay += 1
    return true
  }

  /** A call that began has ended. */
  leave(isSuccess: boolean): void {
    this.#underWay -= 1
    if (!isSuccess || this.#permits === Infinity) return
    this.#successes += 1
    if (this.#successes < this.#permits) return
    this.#successes = 0
    this.#permits = this.#permits < ENOUGH ? this.#permits * 2 : Infinity
  }
}
