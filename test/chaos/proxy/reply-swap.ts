import { RespFrames } from './resp-frames.js'

/** How long a reply waits for another one to change places with, ms. */
const LONGEST_WAIT = 30
const BULK = '$'.charCodeAt(0)

/**
 * The replies of one Redis connection, handed on one by one; on demand two bulk strings that differ, next to each
 * other or with other replies between them, change places.
 */
export class ReplySwap {
  readonly #frames = new RespFrames()
  #waiting: Buffer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly deliver: (frame: Buffer) => void) {}

  /** @param allowed - asked when two replies are about to be swapped; `undefined` where none are to be. */
  push(bytes: Buffer, allowed: (() => boolean) | undefined): void {
    for (const frame of this.#frames.push(bytes)) this.#take(frame, allowed)
  }

  /** Delivers what waits for another reply. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const frame of this.#waiting.splice(0)) this.deliver(frame)
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  #take(frame: Buffer, allowed: (() => boolean) | undefined): void {
    const [first] = this.#waiting
    const isBulk = frame[0] === BULK
    if (!first) {
      if (!allowed || !isBulk) return this.deliver(frame)
      this.#timer = setTimeout(() => this.stop(), LONGEST_WAIT)
    }
    this.#waiting.push(frame)
    if (!first || !isBulk || frame.equals(first)) return
    if (allowed?.() === true) {
      this.#waiting[0] = frame
      this.#waiting[this.#waiting.length - 1] = first
    }
    this.stop()
  }
}
