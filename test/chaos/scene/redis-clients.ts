import { Redis } from 'ioredis'

/** Redis as an application hands it to a store. */
export interface OpenClient {
  readonly redis: Redis | string
  end(): void
}

/** How an application may come by its Redis. */
export interface ClientKind {
  readonly name: string
  open(url: string): Promise<OpenClient>
}

/** How long ioredis waits for a socket that it ends, ms; its timer keeps the process alive. */
const SHORT = 100

/** A client with the options that the store's advice asks for. */
export const recommended: ClientKind = {
  name: 'a client with the recommended options',
  async open(url) {
    const redis = new Redis(url, {
      commandTimeout: 1_000,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      disconnectTimeout: SHORT,
      lazyConnect: true,
    })
    redis.on('error', () => {})
    await redis.connect().catch(() => {})
    return { redis, end: () => redis.disconnect() }
  },
}

const byUrl: ClientKind = {
  name: 'a URL',
  open: async (url) => ({ redis: url, end: () => {} }),
}

const plain: ClientKind = {
  name: 'a client with the default options',
  async open(url) {
    const redis = new Redis(url, { disconnectTimeout: SHORT })
    redis.on('error', () => {})
    return { redis, end: () => redis.disconnect() }
  },
}

export const clientKinds: readonly ClientKind[] = [recommended, byUrl, plain]
