import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { BusClient, BusNode, BusSubscriber } from '../../../../src/caches/redis/bus-client.js'
import { RedisBus } from '../../../../src/caches/redis/redis-bus.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'

/** The primaries of a Cluster, between which every message passes unless it is lost. */
class FakeCluster implements BusClient {
  readonly primaries: FakeNode[] = []
  readonly subscribers: FakeSubscriber[] = []

  /** Whether new subscribers ask a sentinel that never answers: nothing comes of it, not even an end. */
  isMute = false

  add(): FakeNode {
    const node = new FakeNode(this)
    this.primaries.push(node)
    return node
  }

  nodes(): readonly FakeNode[] {
    return [...this.primaries]
  }

  async publish(): Promise<void> {}

  duplicate(): void {}
}

class FakeNode implements BusNode {
  status = 'ready'
  mode: 'heard' | 'lost' | 'unanswered' | 'refused' = 'heard'
  published = 0
  readonly #unanswered: (() => void)[] = []

  constructor(private readonly cluster: FakeCluster) {}

  async publish(channel: string, message: string): Promise<void> {
    this.published += 1
    if (this.mode === 'unanswered')
      await new Promise<void>((answer) => this.#unanswered.push(answer))
    if (this.mode === 'refused') throw new Error('NOPERM')
    if (this.mode === 'lost') return
    for (const each of this.cluster.subscribers) each.emit('message', channel, message)
  }

  /** Answers all that were published to it, late. */
  answer(): void {
    for (const answer of this.#unanswered.splice(0)) answer()
  }

  duplicate(): BusSubscriber {
    const subscriber = new FakeSubscriber(this.cluster.isMute)
    this.cluster.subscribers.push(subscriber)
    return subscriber
  }
}

class FakeSubscriber extends EventEmitter {
  status = 'wait'

  constructor(private readonly isMute: boolean) {
    super()
  }

  async connect(): Promise<void> {
    if (this.isMute) return new Promise(() => {})
    this.status = 'ready'
  }

  async subscribe(): Promise<void> {}

  disconnect(): void {
    if (this.isMute) return
    this.status = 'end'
    this.emit('close')
    this.emit('end')
  }
}

let clock: ManualClock
let cluster: FakeCluster
let one: FakeNode
let two: FakeNode
let bus: RedisBus
let errors: unknown[]

beforeEach(async () => {
  clock = new ManualClock()
  cluster = new FakeCluster()
  one = cluster.add()
  two = cluster.add()
  errors = []
  bus = new RedisBus({
    client: cluster,
    channel: 'bus',
    clock,
    random: () => 0,
    onError: (error) => errors.push(error),
  })
  bus.start()
  await clock.advance(0)
})

afterEach(() => bus.close())

describe('a bus over a Cluster', () => {
  it('is healthy when it hears all primaries, in its first epoch', () => {
    expect([bus.isHealthy, bus.epoch]).toEqual([true, 1])
  })

  it('sends each primary a heartbeat a second', async () => {
    await clock.advance(5_000)
    expect([one.published, two.published]).toEqual([6, 6])
  })

  it('sends a primary that answers none eight more, and goes on when it answers', async () => {
    two.mode = 'unanswered'
    await clock.advance(120_000)
    expect(two.published).toBe(1 + 8)

    two.answer()
    two.mode = 'heard'
    await clock.advance(3_000)
    expect(bus.isHealthy).toBe(true)
  })

  it('is not healthy three seconds after the last heartbeat of one primary was sent', async () => {
    two.mode = 'lost'
    await clock.advance(3_000)
    expect(bus.isHealthy).toBe(true)
    await clock.advance(1)
    expect(bus.isHealthy).toBe(false)
  })

  it('begins an epoch where a primary is heard again', async () => {
    two.mode = 'unanswered'
    await clock.advance(3_001)
    two.mode = 'heard'
    await clock.advance(2_000)
    expect([bus.isHealthy, bus.epoch]).toEqual([true, 2])
  })

  it('begins an epoch where a primary that was not heard has left', async () => {
    two.mode = 'unanswered'
    await clock.advance(3_001)
    cluster.primaries.pop()
    await clock.advance(1_000)
    expect([bus.isHealthy, bus.epoch]).toEqual([true, 2])
  })

  it('begins an epoch where a primary has come', async () => {
    cluster.add()
    await clock.advance(1_000)
    expect([bus.isHealthy, bus.epoch]).toEqual([true, 2])
  })

  it('is not healthy while no primary is known', async () => {
    cluster.primaries.length = 0
    await clock.advance(1_000)
    expect(bus.isHealthy).toBe(false)
  })

  it('subscribes elsewhere where a primary took heartbeats that were not heard', async () => {
    two.mode = 'lost'
    await clock.advance(6_000)
    expect([cluster.subscribers.length, errors.length]).toEqual([2, 1])
  })

  it('leaves the subscriber alone where a primary does not answer', async () => {
    two.mode = 'unanswered'
    await clock.advance(60_000)
    expect([cluster.subscribers.length, errors]).toEqual([1, []])
  })

  it('sends no second heartbeat to a primary within three seconds of one unanswered', async () => {
    two.mode = 'unanswered'
    await clock.advance(12_000)
    expect(two.published).toBeLessThanOrEqual(5)
  })

  it('gives up a connection that comes to nothing, and makes another one', async () => {
    cluster.isMute = true
    cluster.subscribers[0]!.disconnect()
    await clock.advance(5_000)
    expect(cluster.subscribers).toHaveLength(2)
    cluster.isMute = false
    await clock.advance(10_000)

    expect([bus.isHealthy, cluster.subscribers.length]).toEqual([true, 3])
  })

  it('closes though its connection comes to nothing', async () => {
    cluster.isMute = true
    cluster.subscribers[0]!.disconnect()
    await clock.advance(5_000)
    const closing = bus.close()
    await clock.advance(1_000)
    await closing

    expect(clock.pending).toBe(0)
  })

  it('sends none to a primary that is not connected', async () => {
    two.status = 'reconnecting'
    await clock.advance(5_000)
    expect(two.published).toBe(1)
  })

  it('tells that heartbeats are refused once, until one is not', async () => {
    two.mode = 'refused'
    await clock.advance(10_000)
    expect(errors.length).toBe(1)
    two.mode = 'heard'
    await clock.advance(1_000)
    two.mode = 'refused'
    await clock.advance(1_000)
    expect(errors.length).toBe(2)
  })

  it('believes no heartbeat of the future, and none that nobody sent', async () => {
    const heard: [string, string][] = []
    cluster.subscribers[0]!.on('message', (channel: string, message: string) => {
      heard.push([channel, message])
    })
    await clock.advance(2_000)
    for (const [channel, message] of [...heard]) {
      const [name] = message.split(' ')
      cluster.subscribers[0]!.emit('message', channel, `${name} 999999`)
      cluster.subscribers[0]!.emit('message', channel, `${name} NaN`)
      cluster.subscribers[0]!.emit('message', channel, `nobody 1`)
    }
    one.mode = 'unanswered'
    await clock.advance(5_000)
    expect([bus.isHealthy, bus.epoch, heard.length > 0]).toEqual([false, 1, true])
  })
})
