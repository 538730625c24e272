/**
 * What is called on a Redis client: an ioredis 5 or 6 `Redis` or `Cluster` is one, and so is
 * whatever has these methods.
 *
 * It is described by its shape, so that a program without ioredis compiles.
 */
export interface RedisClient {
  get(key: string): Promise<string | null>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  eval(source: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  ping(): Promise<string>
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
