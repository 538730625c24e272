import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'

/** A way to a Redis that may lose one reply, and what comes after. */
export class DeafProxy {
  readonly #server: Server
  #isArmed = false
  #isClosed = false
  #lost: () => void = () => {}

  private constructor(target: number) {
    this.#server = createServer((client) => {
      if (this.#isClosed) return void client.destroy()
      const redis = connect(target, '127.0.0.1')
      let isSwap = false
      client.on('data', (sent) => {
        // No other script names this key.
        if (this.#isArmed && sent.includes('@contexts')) isSwap = true
        redis.write(sent)
      })
      redis.on('data', (reply) => {
        if (!isSwap) return void client.write(reply)
        this.#isArmed = false
        this.#isClosed = true
        client.destroy()
        this.#lost()
      })
      for (const [one, other] of [
        [client, redis],
        [redis, client],
      ] as const) {
        one.on('error', () => {}).on('close', () => other.destroy())
      }
    })
  }

  /** Opens one to the Redis of this port. */
  static async open(target: number): Promise<DeafProxy> {
    const proxy = new DeafProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Resolves when the reply to the next write of a session was lost; nobody comes through then. */
  loseNextReply(): Promise<void> {
    this.#isArmed = true
    return new Promise((resolve) => {
      this.#lost = resolve
    })
  }

  /** Lets everybody through again. */
  letThrough(): void {
    this.#isClosed = false
  }

  /** Ends it; clients are to be disconnected first. */
  close(): void {
    this.#server.close()
  }
}
