import type { Held, PutMode, PutOutcome, SessionCache } from '../../core/cache.js'
import type { SessionRecord } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { createKeys, type Keys } from './keys.js'
import {
  checkOf,
  HIGHEST_VERSION,
  LATEST,
  packRecord,
  packTime,
  packToken,
  packVersion,
  unpack,
} from './record-format.js'
import type { RedisClient } from './redis-client.js'
import * as scripts from './scripts.js'

/** What a {@link RedisCache} is made of. */
export interface RedisCacheOptions {
  /** An ioredis client, or the promise of one ({@link RedisConnection.client}). */
  readonly client: RedisClient | Promise<RedisClient>

  /** What every key begins with. Default `'session:'`. */
  readonly prefix?: string | undefined

  /** Default `'web'`. */
  readonly context?: Context | undefined

  /** The ledger's schema and table, where they were chosen; they become part of each key. */
  readonly schema?: string | undefined
  readonly table?: string | undefined

  /** The ledger's time, epoch ms, by which records expire. Default: this machine's. */
  readonly now?: (() => number) | undefined

  /**
   * Told of each value that is no record of its id, with what is wrong with it; the value reads as
   * absent.
   */
  readonly onCorrupt?: ((id: SessionId, problem: string) => void) | undefined

  /**
   * Ends the client. Default: nothing, because a client that was handed in is not ours to close.
   */
  readonly close?: (() => Promise<void>) | undefined
}

/**
 * Remembers sessions in Redis 6.2 or later, or a Cluster of them. Every change is one script on one
 * key. A Redis out of memory refuses `put` and `reserve`, and still does `bury`, `forget` and
 * `touch`.
 */
export class RedisCache implements SessionCache {
  readonly name = 'redis'
  readonly #client: RedisClient | Promise<RedisClient>
  readonly #keys: Keys
  readonly #now: () => number
  readonly #onCorrupt: (id: SessionId, problem: string) => void
  readonly #close: () => Promise<void>

  /** @throws InvalidOptionError for a `prefix` or `context` that can not be one. */
  constructor({
    client,
    prefix = 'session:',
    context = 'web',
    schema,
    table,
    now = Date.now,
    onCorrupt = () => {},
    close = async () => {},
  }: RedisCacheOptions) {
    this.#client = client
    this.#keys = createKeys({ prefix, context, schema, table })
    this.#now = now
    this.#onCorrupt = onCorrupt
    this.#close = close
  }

  async read(id: SessionId): Promise<Held> {
    const client = await this.#client
    return this.#toHeld(id, await client.get(this.#keys.record(id)))
  }

  async reserve(id: SessionId, token: string): Promise<Held> {
    const found = await this.#place(id, token)
    if (found === null) return ABSENT
    const held = this.#toHeld(id, found)
    if (held.kind !== 'absent') return held
    // What can't be read would stand in the way of every fill.
    await this.forget(id, HIGHEST_VERSION)
    return this.#toHeld(id, await this.#place(id, token))
  }

  async put(record: SessionRecord, mode: PutMode): Promise<PutOutcome> {
    const { head, payload } = packRecord(record)
    const outcome = await scripts.put(await this.#client, this.#key(record.id), {
      check: checkOf(record.id),
      token: mode === 'update' ? '' : packToken(mode.fill),
      version: packVersion(record.version),
      head,
      payload,
      ttl: this.#ttlUntil(record.expiresAt),
    })
    return outcome as PutOutcome
  }

  async bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<void> {
    await scripts.bury(await this.#client, this.#key(id), {
      check: checkOf(id),
      version: packVersion(tombstone.version),
      ttl: String(Math.ceil(Math.min(Math.max(tombstone.ttl, 1), LATEST))),
    })
  }

  async forget(id: SessionId, version: number): Promise<void> {
    await scripts.forget(await this.#client, this.#key(id), {
      check: checkOf(id),
      version: packVersion(version),
    })
  }

  async touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void> {
    await scripts.touch(await this.#client, this.#key(id), {
      check: checkOf(id),
      version: packVersion(touched.version),
      expiresAt: packTime(touched.expiresAt),
      ttl: this.#ttlUntil(touched.expiresAt),
    })
  }

  async ping(): Promise<void> {
    const client = await this.#client
    await client.ping()
  }

  async close(): Promise<void> {
    await this.#close()
  }

  async #place(id: SessionId, token: string): Promise<unknown> {
    return scripts.reserve(await this.#client, this.#key(id), {
      check: checkOf(id),
      token: packToken(token),
      ttl: FILL_TTL,
    })
  }

  #toHeld(id: SessionId, value: unknown): Held {
    if (typeof value !== 'string') return ABSENT
    const found = unpack(id, value)
    if (found.kind === 'corrupt') {
      this.#onCorrupt(id, found.problem)
      return ABSENT
    }
    const hasExpired = found.kind === 'live' && found.record.expiresAt <= this.#now()
    return hasExpired ? ABSENT : found
  }

  #key(id: SessionId): { readonly record: string } {
    return { record: this.#keys.record(id) }
  }

  #ttlUntil(time: number): string {
    return String(Math.ceil(Math.min(time, LATEST) - this.#now()))
  }
}

const ABSENT: Held = Object.freeze({ kind: 'absent' })

/** How long the token of a fill that never came stands, ms (`SessionCache.reserve`). */
const FILL_TTL = '3000'
