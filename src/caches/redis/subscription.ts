import type { Cancel, Clock } from '../../core/clock.js'
import { Backoff } from '../../drivers/redis/backoff.js'
import { SUBSCRIBER_OPTIONS, type BusNode, type BusSubscriber } from './bus-client.js'
import { letGo } from '../../drivers/redis/let-go.js'

/** A way through sentinels that is longer than this leads nowhere. ms. */
const CONNECTED_WITHIN = 10_000

/** Longer than a connection takes to end, ms. */
const ENDED_WITHIN = 1_000

/** What a {@link Subscription} works with. */
export interface SubscriptionOptions {
  /** Which server to subscribe at; `undefined` while none is known. */
  readonly node: () => BusNode | undefined
  readonly channels: readonly string[]
  readonly onMessage: (channel: string, message: string) => void

  /** From now on messages are heard, until they are `onLost`. */
  readonly onSubscribed: () => void
  readonly onLost: () => void
  readonly onError: (error: unknown) => void
  readonly clock: Clock
  readonly random?: (() => number) | undefined
}

/**
 * A subscription on a connection of its own, which is made again for as long as it takes whenever it
 * is lost. It keeps no process alive, but for the second that a command may take.
 */
export class Subscription {
  readonly #options: SubscriptionOptions
  readonly #backoff: Backoff
  #subscriber: BusSubscriber | undefined
  #ended: Promise<void> = Promise.resolve()
  #isClosed = false
  #cancel: Cancel = () => {}
  #cancelEnd: Cancel = () => {}
  #onEnd: () => void = () => {}

  constructor(options: SubscriptionOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
  }

  /** Subscribes, unless it was closed. */
  open(): void {
    if (this.#isClosed) return
    try {
      const subscriber = this.#options.node()?.duplicate(SUBSCRIBER_OPTIONS)
      if (subscriber) this.#watch(subscriber)
      else this.#openLater()
    } catch (error) {
      this.#options.onError(error)
      this.#openLater()
    }
  }

  /** Gives up the connection that there is; another one is made. */
  renew(): void {
    this.#disconnect()
  }

  /** Ends the connection, and every attempt to make one. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel()
    this.#disconnect()
    await this.#ended
  }

  #openLater(): void {
    if (this.#isClosed) return
    this.#cancel = this.#options.clock.schedule(() => this.open(), this.#backoff.next())
  }

  #watch(subscriber: BusSubscriber): void {
    const { onMessage, onLost, onError, clock } = this.#options
    const stopWaiting = clock.schedule(() => this.#disconnect(), CONNECTED_WITHIN)
    this.#subscriber = subscriber
    subscriber.on('error', onError)
    subscriber.on('message', onMessage)
    subscriber.on('close', () => this.#isOf(subscriber) && onLost())
    this.#ended = new Promise((resolve) => {
      this.#onEnd = () => {
        if (!this.#isOf(subscriber)) return
        this.#subscriber = undefined
        this.#cancelEnd()
        stopWaiting()
        onLost()
        resolve()
        this.#openLater()
      }
      subscriber.on('end', this.#onEnd)
    })
    void this.#subscribe(subscriber, stopWaiting)
  }

  /** Whether this is the subscriber still: one that was given up may yet tell of its end. */
  #isOf(subscriber: BusSubscriber): boolean {
    return this.#subscriber === subscriber
  }

  /** While it asks a sentinel which does not answer there is nothing to end, and no `end` is told. */
  #disconnect(): void {
    if (!this.#subscriber) return
    const onEnd = this.#onEnd
    this.#cancelEnd = this.#options.clock.schedule(onEnd, ENDED_WITHIN)
    this.#subscriber.disconnect()
  }

  /** Never rejects. Where it fails, the subscriber's `end` follows. */
  async #subscribe(subscriber: BusSubscriber, onConnected: () => void): Promise<void> {
    const { channels, onSubscribed, onError } = this.#options
    const connecting = subscriber.connect()
    // The socket is there a tick later; through a sentinel it takes longer.
    setImmediate(() => letGo(subscriber))
    try {
      await connecting
    } catch {
      // The `error` event has told.
      return
    }
    onConnected()
    letGo(subscriber)
    try {
      await subscriber.subscribe(...channels)
    } catch (error) {
      onError(error)
      subscriber.disconnect()
      return
    }
    if (this.#isClosed || !this.#isOf(subscriber) || subscriber.status !== 'ready') return
    this.#backoff.reset()
    onSubscribed()
  }
}
