import type { Clock } from '../../core/clock.js'
import type { BusNode } from './bus-client.js'

/** What a {@link Heartbeat} works with. */
export interface HeartbeatOptions {
  readonly node: BusNode

  /** Tells the beats of one node from those of the others: no blanks. */
  readonly name: string
  readonly channel: string

  /** How old the last beat that was heard may be, ms. */
  readonly window: number
  readonly clock: Clock

  /** Told once where beats are refused, and once more after the next that was not. */
  readonly onError: (error: unknown) => void
}

/** A server that answers none of so many, over this connection, will answer no other before them. */
const MOST_UNANSWERED = 8

/**
 * Whether what one server is told is heard here: beats are published at it, and come back with the
 * messages. A beat counts from when it was sent, not from when it was heard, so that what is late
 * counts as lost.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #lastHeard = -Infinity
  #underWaySince: number | undefined
  #unanswered = 0
  #unheardSince: number | undefined
  #isRefused = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Whether all that was told until a moment ago was heard. */
  get isHeard(): boolean {
    return !this.#isPast(this.#lastHeard)
  }

  /** The server took beats, and they were not heard: the subscriber hears another one, or nobody. */
  get isDeaf(): boolean {
    return this.#unheardSince !== undefined && this.#isPast(this.#unheardSince)
  }

  /** Forgets what was heard: the subscriber is another one. */
  reset(): void {
    this.#lastHeard = -Infinity
    this.#unheardSince = undefined
  }

  /** Publishes a beat, if the server can be reached and has answered the last one. */
  send(): void {
    const isUnderWay = this.#underWaySince !== undefined && !this.#isPast(this.#underWaySince)
    if (isUnderWay || this.#unanswered >= MOST_UNANSWERED) return
    if (!canPublish(this.#options.node)) return
    const sentAt = this.#options.clock.monotonic()
    this.#underWaySince = sentAt
    this.#unanswered++
    void this.#publish(sentAt).finally(() => {
      this.#unanswered--
      if (this.#underWaySince === sentAt) this.#underWaySince = undefined
    })
  }

  /** Takes a beat that came back. */
  hear(sentAt: number): void {
    if (!(sentAt <= this.#options.clock.monotonic())) return
    this.#lastHeard = Math.max(this.#lastHeard, sentAt)
    if (this.#unheardSince !== undefined && this.#unheardSince <= sentAt) {
      this.#unheardSince = undefined
    }
  }

  /** Never rejects. */
  async #publish(sentAt: number): Promise<void> {
    const { node, channel, name, onError } = this.#options
    try {
      await node.publish(channel, `${name} ${sentAt}`)
      this.#isRefused = false
      if (this.#lastHeard < sentAt) this.#unheardSince ??= sentAt
    } catch (error) {
      if (!this.#isRefused) onError(error)
      this.#isRefused = true
    }
  }

  #isPast(time: number): boolean {
    return this.#options.clock.monotonic() - time > this.#options.window
  }
}

/** A command that waits in a client's queue would wait with all that are sent after it. */
function canPublish({ status }: BusNode): boolean {
  return status === undefined || status === 'ready' || status === 'wait'
}
