/**
 * What is called on a Redis client: an ioredis 5 or 6 `Redis` or `Cluster` is one, and so is
 * whatever has these methods.
 *
 * It is described by its shape, so that a program without ioredis compiles.
 */
export interface RedisClient extends RedisNode {
  get(key: string): Promise<string | null>

  /** Where there is none, each key is a GET of its own. */
  mget?(...keys: string[]): Promise<readonly (string | null)[]>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  eval(source: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  ping(): Promise<string>

  /** Of a Cluster: the clients of its nodes. */
  nodes?(role: 'master'): readonly RedisNode[]
}

/** A connection to one server, which tells when it is made and lost. */
export interface RedisNode {
  /** `'ready'` while commands can be sent. */
  readonly status?: string | undefined
  info(section: 'server' | 'replication' | 'memory' | 'persistence'): Promise<string>
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/** A client that this package opened itself, and closes. */
export interface RedisConnection {
  /**
   * The client, as soon as its first attempt to connect has ended, well or not. It rejects only
   * where ioredis is not installed.
   */
  readonly client: Promise<RedisClient>

  /**
   * Resolves once ioredis is there, whatever becomes of the connection. Rejects where it is not
   * installed.
   */
  readonly loaded: Promise<void>

  /** Ends the connection and every attempt to reconnect. Idempotent. */
  close(): Promise<void>
}
