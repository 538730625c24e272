import { randomUUID } from 'node:crypto'
import type { BusListener, SessionBus } from '../../core/bus.js'
import { systemClock, type Cancel, type Clock } from '../../core/clock.js'
import type { BusClient, BusNode } from './bus-client.js'
import { readMessages } from './bus-message.js'
import { withoutArguments } from '../../drivers/redis/driver-error.js'
import { Heartbeat } from './heartbeat.js'
import { Subscription } from './subscription.js'

/** What a {@link RedisBus} is made of. */
export interface RedisBusOptions {
  /**
   * An ioredis client, or the promise of one (`RedisConnection.client`). A connection to subscribe
   * on is made after it; it itself only publishes heartbeats, and is never closed.
   */
  readonly client: BusClient | Promise<BusClient>

  /** Where the scripts of the cache publish: `busChannel` of its keys. */
  readonly channel: string

  /** Told why the bus does not hear, or what a listener threw. It is tried again in any case. */
  readonly onError?: ((error: unknown) => void) | undefined
  readonly clock?: Clock | undefined

  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/**
 * Hears of every change through Redis's Pub/Sub.
 *
 * It is healthy while it is subscribed and hears heartbeats of its own: each second one is published
 * through the client, at every primary of a Cluster, and the last that was heard was sent within
 * three. So it is seen when the subscriber's connection is dead, late, or leads to another server
 * than the client's. Nothing of it keeps the process alive.
 */
export class RedisBus implements SessionBus {
  readonly name = 'redis'
  readonly #onError: (error: unknown) => void
  readonly #clock: Clock
  readonly #ready: Promise<BusClient>
  readonly #subscription: Subscription
  readonly #listeners = new Set<BusListener>()
  readonly #beatChannel: string
  readonly #beats = new Map<BusNode, Heartbeat>()
  readonly #beatsByName = new Map<string, Heartbeat>()
  #client: BusClient | undefined
  #isSubscribed = false
  #epoch = 0
  #isClosed = false
  #cancelBeat: Cancel = () => {}

  constructor({
    client,
    channel,
    random,
    clock = systemClock,
    onError = () => {},
  }: RedisBusOptions) {
    this.#clock = clock
    this.#onError = (error) => onError(withoutArguments(error))
    this.#ready = Promise.resolve(client)
    // `start` tells of it; before, nobody is there to be told.
    this.#ready.catch(() => {})
    this.#beatChannel = `${channel}:${randomUUID()}`
    this.#subscription = new Subscription({
      node: () => pick(this.#primaries(), random),
      channels: [channel, this.#beatChannel],
      onMessage: (from, message) => this.#hear(from, message),
      onSubscribed: () => this.#onSubscribed(),
      onLost: () => this.#onLost(),
      onError: this.#onError,
      clock,
      random,
    })
  }

  get isHealthy(): boolean {
    return this.#hearsAll()
  }

  get epoch(): number {
    return this.#epoch
  }

  onMessage(listener: BusListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  start(): void {
    const open = (client: BusClient): void => {
      this.#client = client
      this.#subscription.open()
    }
    this.#ready.then(open, (error: unknown) => this.#onError(error))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#onLost()
    this.#listeners.clear()
    await this.#subscription.close()
  }

  #primaries(): readonly BusNode[] {
    const client = this.#client
    if (!client || client.status === 'end') return []
    // What is no Cluster is a node itself.
    return client.nodes?.('master') ?? [client as BusNode]
  }

  #hearsAll(): boolean {
    if (!this.#isSubscribed || this.#beats.size === 0) return false
    for (const beat of this.#beats.values()) if (!beat.isHeard) return false
    return true
  }

  #onSubscribed(): void {
    for (const beat of this.#beats.values()) beat.reset()
    this.#isSubscribed = true
    this.#beat()
  }

  #onLost(): void {
    this.#isSubscribed = false
    this.#cancelBeat()
  }

  /** Sends a heartbeat to each primary, now and in a second. */
  #beat(): void {
    this.#cancelBeat()
    this.#cancelBeat = this.#clock.schedule(() => this.#beat(), BEAT_EVERY)
    const primaries = this.#primaries()
    this.#moveEpochAfter(() => {
      for (const node of this.#beats.keys()) if (!primaries.includes(node)) this.#forget(node)
    })
    const beats = primaries.map((node) => this.#beats.get(node) ?? this.#follow(node))
    for (const beat of beats) beat.send()
    if (!beats.some((beat) => beat.isDeaf)) return
    this.#onError(new Error('What Redis was told is not heard: subscribing again'))
    this.#subscription.renew()
  }

  #follow(node: BusNode): Heartbeat {
    const name = randomUUID()
    const beat = new Heartbeat({
      node,
      name,
      channel: this.#beatChannel,
      window: HEARD_WITHIN,
      clock: this.#clock,
      onError: (error) => this.#onError(error),
    })
    this.#beats.set(node, beat)
    this.#beatsByName.set(name, beat)
    return beat
  }

  #forget(node: BusNode): void {
    const beat = this.#beats.get(node)
    this.#beats.delete(node)
    for (const [name, each] of this.#beatsByName) {
      if (each === beat) this.#beatsByName.delete(name)
    }
  }

  #hear(channel: string, message: string): void {
    if (this.#isClosed) return
    if (channel !== this.#beatChannel) return readMessages(message, this.#tell)
    const [name = '', number] = message.split(' ')
    this.#moveEpochAfter(() => this.#beatsByName.get(name)?.hear(Number(number)))
  }

  /** Whatever makes the bus healthy begins an epoch. */
  #moveEpochAfter(change: () => void): void {
    const wasHealthy = this.#hearsAll()
    change()
    if (!wasHealthy && this.#hearsAll()) this.#epoch += 1
  }

  readonly #tell: BusListener = (id, version) => {
    for (const listener of this.#listeners) {
      try {
        listener(id, version)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}

/** Between two heartbeats, ms. */
const BEAT_EVERY = 1_000

/** The last heartbeat that was heard is no older, ms. */
const HEARD_WITHIN = 3_000

function pick(nodes: readonly BusNode[], random = Math.random): BusNode | undefined {
  return nodes[Math.floor(random() * nodes.length)]
}
