import { join } from 'node:path'
import { TcpProxy } from '../test/chaos/proxy/tcp-proxy.ts'
import {
  startPostgres,
  startRedis,
  type PostgresServer,
  type RedisServer,
} from '../test/services.ts'
import type { Place } from './contest/contender.ts'
import { seedSessions } from './seed-sessions.ts'

/** How a place is made. */
export interface PlaceOptions {
  /** How many sessions there will be. Default: two thousand. */
  readonly sessions?: number | undefined

  /** By how much a proxy delays what Redis answers, ms. Default: there is no proxy. */
  readonly redisDelay?: number | undefined

  /** Whether they are there from the beginning, in Holdfast's table. Default: each contestant stores them. */
  readonly isSeeded?: boolean
}

/** The private servers of a run. */
export class Bench {
  readonly #proxies = new Map<number, TcpProxy>()

  private constructor(
    readonly redis: RedisServer,
    readonly postgres: PostgresServer,
    /** How many rows the largest table of the growth case has. */
    readonly rows: number,
  ) {}

  /** Starts them. The caller closes them. */
  static async open({ rows }: { readonly rows: number }): Promise<Bench> {
    const [redis, postgres] = await Promise.all([
      startRedis(),
      startPostgres({ settings: POSTGRES_SETTINGS }),
    ])
    return new Bench(redis, postgres, rows)
  }

  /** A place for one contestant: a database of its own, and the Redis of all. */
  async place({
    sessions = 2_000,
    redisDelay,
    isSeeded = false,
  }: PlaceOptions = {}): Promise<Place> {
    const postgresUrl = await this.postgres.createDatabase()
    if (isSeeded) await seedSessions(postgresUrl, { live: sessions })
    return {
      redisUrl: redisDelay === undefined ? this.redis.url : await this.#delayed(redisDelay),
      postgresUrl,
      prismaFolder: join(import.meta.dirname, 'prisma'),
      sessions,
      isSeeded,
    }
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies.values()) await proxy.close()
    await Promise.all([this.redis.stop(), this.postgres.stop()])
  }

  async #delayed(ms: number): Promise<string> {
    const proxy = this.#proxies.get(ms) ?? (await TcpProxy.open({ server: this.redis.url }))
    this.#proxies.set(ms, proxy)
    proxy.delay(ms, { direction: 'replies' })
    return proxy.url
  }
}

/** Room for the tables, and for the log of a whole run: no checkpoint falls into one round only. */
const POSTGRES_SETTINGS = {
  fsync: 'on',
  shared_buffers: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
}
