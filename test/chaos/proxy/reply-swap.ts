import { RespParts } from './resp-parts.js'

/** How long a part waits for another one to change places with, ms. */
const LONGEST_WAIT = 30
const BULK = '$'.charCodeAt(0)

/**
 * The replies of one Redis connection, handed on part by part; on demand two bulk strings that differ, next to each
 * other or with other parts between them, change places. Each is a reply or an element of one, as of an MGET's: of the
 * same or of two.
 */
export class ReplySwap {
  readonly #parts = new RespParts()
  #waiting: Buffer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly deliver: (part: Buffer) => void) {}

  /** @param allowed - asked when two parts are about to be swapped; `undefined` where none are to be. */
  push(bytes: Buffer, allowed: (() => boolean) | undefined): void {
    for (const part of this.#parts.push(bytes)) this.#take(part, allowed)
  }

  /** Delivers what waits for another part. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const part of this.#waiting.splice(0)) this.deliver(part)
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  #take(part: Buffer, allowed: (() => boolean) | undefined): void {
    const [first] = this.#waiting
    const isBulk = part[0] === BULK
    if (!first) {
      if (!allowed || !isBulk) return this.deliver(part)
      this.#timer = setTimeout(() => this.stop(), LONGEST_WAIT)
    }
    this.#waiting.push(part)
    if (!first || !isBulk || part.equals(first)) return
    if (allowed?.() === true) {
      this.#waiting[0] = part
      this.#waiting[this.#waiting.length - 1] = first
    }
    this.stop()
  }
}
