import { createHash } from 'node:crypto'
import { RemoteTime, type Cancel, type Clock } from '../../core/clock.js'
import { listenToConnection } from './connection-events.js'
import type { RedisNode } from '../../drivers/redis/redis-client.js'

/** What a server that does not tell its run is known by: it is believed over its restarts. */
export const UNTOLD = 'untold--'

const RUN_WIDTH = 8
const ASK_AGAIN_AFTER = 1_000
const TIME_HOLDS_FOR = 60_000

/** What a {@link NodeRun} works with. */
export interface NodeRunOptions {
  readonly clock: Clock

  /** Told once where the server does not tell its run. */
  readonly onUntold: (problem: unknown) => void
}

/**
 * Which run of its server a connection talks to, and that server's time. It is asked whenever the
 * connection is made, and not known from the moment when it is lost.
 */
export class NodeRun {
  readonly #node: RedisNode
  readonly #options: NodeRunOptions
  readonly #time: RemoteTime
  readonly #unlisten: Cancel
  #current: string | undefined
  #asking: Promise<void> | undefined
  #isAsking = false
  #askedAt = -Infinity
  #connection = 0
  #onConnected: () => void = () => {}
  #cancel: Cancel = () => {}

  constructor(node: RedisNode, options: NodeRunOptions) {
    this.#node = node
    this.#options = options
    this.#time = new RemoteTime(options.clock)
    this.#unlisten = listenToConnection(node, { onReady: this.#onReady, onClose: this.#onClose })
    // What is called while the connection is being made waits for it in the client as well.
    if (node.status === 'connecting' || node.status === 'connect') {
      this.#asking = new Promise((resolve) => (this.#onConnected = resolve))
    }
  }

  /** `undefined` while it is not known. */
  get current(): string | undefined {
    return this.#current
  }

  /** Resolves once what is being asked is known, or can not be. Never rejects. */
  get asking(): Promise<void> | undefined {
    return this.#current === undefined ? this.#asking : undefined
  }

  /** The server's time as it is best known here, epoch ms. */
  now(): number {
    if (this.#options.clock.monotonic() - this.#askedAt > TIME_HOLDS_FOR) this.ask()
    return this.#time.now()
  }

  /** Asks now, unless it is being asked. */
  ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#askedAt = this.#options.clock.monotonic()
    const asking = this.#ask(this.#connection).finally(() => {
      if (this.#asking === asking) this.#asked()
    })
    this.#asking = asking
  }

  /** Listens no more. */
  stop(): void {
    this.#onClose()
    this.#unlisten()
  }

  readonly #onReady = (): void => {
    this.ask()
  }

  readonly #onClose = (): void => {
    this.#connection += 1
    this.#current = undefined
    this.#asked()
    this.#cancel()
  }

  #asked(): void {
    this.#onConnected()
    this.#asking = undefined
    this.#isAsking = false
  }

  async #ask(connection: number): Promise<void> {
    const askedAt = this.#options.clock.monotonic()
    try {
      const [server, replication] = await Promise.all([
        this.#node.info('server'),
        this.#node.info('replication'),
      ])
      if (connection === this.#connection) this.#learn(server + replication, askedAt)
    } catch (error) {
      if (connection !== this.#connection) return
      if (isRefusal(error)) this.#isUntold(error)
      else this.#askAgain()
    }
  }

  #askAgain(): void {
    this.#cancel()
    this.#cancel = this.#options.clock.schedule(this.#onReady, ASK_AGAIN_AFTER)
  }

  #learn(info: string, askedAt: number): void {
    const microseconds = /^server_time_usec:(\d+)/m.exec(info)?.[1]
    if (microseconds !== undefined) this.#time.sample(Number(microseconds) / 1000, askedAt)
    const [process, history] = [/^run_id:(\w+)/m, /^master_replid:(\w+)/m].map(
      (line) => line.exec(info)?.[1],
    )
    if (process === undefined) this.#isUntold(new Error('INFO server has no run_id'))
    else if (/^role:slave/m.test(info)) this.#isDemoted()
    else this.#current = runOf(process, history)
  }

  /** Under this connection: what it holds is not what the primary does. */
  #isDemoted(): void {
    this.#current = undefined
    this.#askAgain()
  }

  #isUntold(problem: unknown): void {
    if (this.#current !== UNTOLD) this.#options.onUntold(problem)
    this.#current = UNTOLD
  }
}

/**
 * A server that was demoted and is promoted again is the same process with another history: only
 * both together never come back.
 */
function runOf(process: string, history = ''): string {
  return createHash('sha256').update(`${process} ${history}`).digest('hex').slice(0, RUN_WIDTH)
}

/**
 * The server answered, and will not tell: a right is missing, or a proxy does not know the command.
 * What it can not say yet is asked again, as after a lost connection or a timeout.
 */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const [, state] = /^([A-Z]+) /.exec(error.message) ?? []
  return state !== undefined && !PASSING.has(state)
}

/** What a server answers while it loads, follows, waits for a password, or is busy. */
const PASSING = new Set('LOADING MASTERDOWN NOAUTH READONLY CLUSTERDOWN TRYAGAIN BUSY'.split(' '))
