import type { Socket } from 'node:net'
import { breakOff } from './break-off.js'
import { ReplySwap } from './reply-swap.js'

/**
 * What becomes of bytes in one direction. `hold`: they wait, in their order, until the lane passes again; `swap`: two
 * replies, or elements of them, change places, whenever `allowed` says so.
 */
export type LaneMode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'swallow'; readonly swallowed?: () => void }
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'swap'; readonly allowed: () => boolean }

const MOST_QUEUED = 1_048_576

interface Item {
  readonly dueAt: number
  readonly what: Buffer | 'end' | 'reset'
}

/** One direction of a connection: takes what comes from one socket and hands it to the other, as its mode has it. */
export class Lane {
  /** Whether something was swallowed: what comes after it is no sound stream any more. */
  hasLost = false
  readonly #swap: ReplySwap | undefined
  #queue: Item[] = []
  #queued = 0
  #timer: NodeJS.Timeout | undefined

  /** @param mode - asked at each chunk, so that a change applies at once. */
  constructor(
    private readonly ends: { readonly from: Socket; readonly to: Socket },
    private readonly mode: () => LaneMode,
    isRedisReplies: boolean,
  ) {
    if (isRedisReplies) this.#swap = new ReplySwap((bytes) => this.#enqueue(bytes))
    ends.to.on('drain', () => this.#resume())
  }

  /** Takes bytes that came, or word that the other side ended or broke the connection. */
  push(what: Item['what']): void {
    const mode = this.mode()
    if (mode.kind === 'swallow') {
      this.hasLost = true
      mode.swallowed?.()
    } else if (this.#swap && typeof what === 'object') {
      this.#swap.push(what, mode.kind === 'swap' ? mode.allowed : undefined)
    } else {
      this.#enqueue(what)
    }
  }

  /** Looks at the mode again, because it has changed. */
  update(): void {
    const { kind } = this.mode()
    if (kind === 'swallow' && this.#queue.length > 0) {
      this.hasLost = true
      this.#clear()
    }
    if (kind !== 'swap') this.#swap?.stop()
    if (kind === 'pass') this.#queue = this.#queue.map(({ what }) => ({ dueAt: 0, what }))
    this.#pump()
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#swap?.close()
    this.#clear()
  }

  #clear(): void {
    this.#queue = []
    this.#queued = 0
  }

  #enqueue(what: Item['what']): void {
    const mode = this.mode()
    const dueAt = mode.kind === 'delay' ? performance.now() + mode.ms : 0
    this.#queue.push({ dueAt, what })
    this.#queued += lengthOf(what)
    this.#pump()
    if (this.#queued > MOST_QUEUED) this.ends.from.pause()
  }

  #pump(): void {
    if (this.mode().kind === 'hold') return
    let [item] = this.#queue
    for (; item && item.dueAt <= performance.now(); [item] = this.#queue) {
      this.#queue.shift()
      this.#queued -= lengthOf(item.what)
      this.#deliver(item.what)
    }
    this.#resume()
    if (!item) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#pump(), Math.ceil(item.dueAt - performance.now()))
  }

  #deliver(what: Item['what']): void {
    const { from, to } = this.ends
    if (what === 'end') to.end()
    else if (what === 'reset') breakOff(to)
    else if (to.writable && !to.write(what)) from.pause()
  }

  #resume(): void {
    const { from, to } = this.ends
    if (this.#queued <= MOST_QUEUED && !to.writableNeedDrain) from.resume()
  }
}

function lengthOf(what: Item['what']): number {
  return typeof what === 'string' ? 0 : what.length
}
