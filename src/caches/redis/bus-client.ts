/**
 * What the bus needs of a Redis client: an ioredis 5 or 6 `Redis` or `Cluster` has it. It is
 * described by its shape, so that a program without ioredis compiles.
 */
export interface BusClient {
  /** `'ready'` while commands can be sent, `'wait'` before the first, `'end'` after the last. */
  readonly status?: string | undefined
  publish(channel: string, message: string): Promise<unknown>

  /** As {@link BusNode.duplicate}, but for a Cluster: only its nodes are asked to. */
  duplicate(options: never): unknown

  /** Of a Cluster: the clients of its nodes. */
  nodes?(role: 'master'): readonly BusNode[]
}

/** A connection to one server, at which heartbeats are told, and after which a subscriber is made. */
export interface BusNode {
  readonly status?: string | undefined
  publish(channel: string, message: string): Promise<unknown>

  /** Another client to the same server; it connects when it is told to. */
  duplicate(options: object): BusSubscriber
}

/** A connection of the bus's own, which subscribes. */
export interface BusSubscriber {
  readonly status?: string | undefined

  /** The socket, as soon as there is one. */
  readonly stream?: { unref?(): unknown } | undefined
  connect(): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  disconnect(): void
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'close' | 'end', listener: () => void): unknown
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
}

/**
 * What a subscriber does otherwise than the client that it is made after: it connects when it is
 * told to, gives up at the first failure, queues nothing, sends nothing twice and waits for nothing
 * for ever. Attempts to connect again are made here, by timers that keep no process alive.
 */
export const SUBSCRIBER_OPTIONS = Object.freeze({
  lazyConnect: true,
  retryStrategy: null,
  sentinelRetryStrategy: null,
  reconnectOnError: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1000,
  connectTimeout: 3000,
  // Nothing else ends a question to a sentinel that does not answer; the next one is asked then.
  sentinelCommandTimeout: 1000,
  disconnectTimeout: 250,
  // It would take a quiet channel for a dead connection.
  socketTimeout: undefined,
  // A subscriber needs none of what commands are prepared with.
  himportFieldsets: undefined,
})
