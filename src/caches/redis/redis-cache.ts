import type { Held, HeldRecord, PutMode, PutOutcome, SessionCache } from '../../core/cache.js'
import { systemClock, type Clock } from '../../core/clock.js'
import type { SessionRecord } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { toMessage } from './bus-message.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import { GatheredPuts } from './gathered-puts.js'
import { busChannel, createKeys, type Keys } from '../../drivers/redis/keys.js'
import {
  checkOf,
  HIGHEST_VERSION,
  LATEST,
  packRecord,
  packTime,
  packToken,
  packVersion,
  unpack,
  type Unpacked,
} from '../../drivers/redis/record-format.js'
import type { RedisClient } from '../../drivers/redis/redis-client.js'
import * as scripts from './scripts.js'
import { UNKNOWN_RUN, watchRun, type ServerRun, type WatchedClient } from './server-run.js'

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
   * How long a record is believed after the ledger said so, ms; then it is asked again. Default
   * 60,000.
   */
  readonly lease?: number | undefined

  /** Told once where Redis does not say which run of it answers: its restarts go unnoticed. */
  readonly onUntold?: ((problem: unknown) => void) | undefined
  readonly clock?: Clock | undefined

  /**
   * Ends the client. Default: nothing, because a client that was handed in is not ours to close.
   */
  readonly close?: (() => Promise<void>) | undefined
}

/**
 * Remembers sessions in Redis 6.2 or later, or a Cluster of them. Every change is one script on one
 * key; outside of a Cluster, puts of one turn share one. A Redis out of memory refuses `put` (unless
 * one before it in its script deleted) and `reserve`, and still does `bury`, `forget` and `touch`.
 */
export class RedisCache implements SessionCache {
  readonly name = 'redis'

  /** Where everybody is told of what changed, see bus-message.ts. */
  readonly channel: string
  readonly #connected: Promise<WatchedClient>
  readonly #keys: Keys
  readonly #lease: number
  readonly #now: () => number
  readonly #onCorrupt: (id: SessionId, problem: string) => void
  readonly #close: () => Promise<void>
  readonly #puts: GatheredPuts

  /** @throws InvalidOptionError for a `prefix` or `context` that can not be one. */
  constructor({
    client,
    prefix = 'session:',
    context = 'web',
    schema,
    table,
    now = Date.now,
    lease = 60_000,
    clock = systemClock,
    onCorrupt = () => {},
    onUntold = () => {},
    close = async () => {},
  }: RedisCacheOptions) {
    this.#keys = createKeys({ prefix, context, schema, table })
    this.#connected = watchRun(client, { clock, onUntold })
    // Each call that awaits it is told; before the first, nobody is there to be.
    this.#connected.catch(() => {})
    this.channel = busChannel(this.#keys)
    this.#lease = lease
    this.#now = now
    this.#onCorrupt = onCorrupt
    this.#close = close
    this.#puts = new GatheredPuts({
      known: () => this.#known(),
      keys: this.#keys,
      channel: this.channel,
      ttlUntil: (time) => this.#ttlUntil(time),
    })
  }

  async read(id: SessionId): Promise<Held> {
    const { client, run } = await this.#connected
    const found = unpackAny(id, await client.get(this.#keys.record(id)))
    if (found?.kind === 'corrupt') this.#onCorrupt(id, found.problem)
    return this.#toHeld(found, run)
  }

  async reserve(id: SessionId, token: string): Promise<Held> {
    const { run } = await this.#connected
    const found = await this.#place(id, token)
    const held = await this.#toHeld(found, run)
    if (held.kind !== 'absent' || !found) return held
    // What can't be read would stand in the way of every fill. A read has told of it already.
    await this.forget(id, HIGHEST_VERSION)
    return this.#toHeld(await this.#place(id, token), run)
  }

  put(record: SessionRecord, mode: PutMode): Promise<PutOutcome> {
    return this.#puts.put(record, mode)
  }

  async confirm(held: HeldRecord, record: SessionRecord): Promise<'ok' | 'moved'> {
    const { client, run } = await this.#known()
    const outcome = await scripts.confirm(client, this.#key(record.id), {
      ...this.#packed(record, run),
      seen: held.stamp,
    })
    return outcome as 'ok' | 'moved'
  }

  async bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<void> {
    const { client } = await this.#connected
    await scripts.bury(client, this.#key(id), {
      check: checkOf(id),
      version: packVersion(tombstone.version),
      ttl: String(Math.ceil(Math.min(Math.max(tombstone.ttl, 1), LATEST))),
      ...this.#message(id, HIGHEST_VERSION),
    })
  }

  async forget(id: SessionId, version: number): Promise<void> {
    const { client } = await this.#connected
    await scripts.forget(client, this.#key(id), {
      check: checkOf(id),
      version: packVersion(version),
      ...this.#message(id, version),
    })
  }

  async touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void> {
    const { client, run } = await this.#known()
    await scripts.touch(client, this.#key(id), {
      check: checkOf(id),
      run,
      version: packVersion(touched.version),
      expiresAt: packTime(touched.expiresAt),
      ttl: this.#ttlUntil(touched.expiresAt),
      ...this.#message(id, touched.version),
    })
  }

  async ping(): Promise<void> {
    await (await this.#connected).client.ping()
  }

  async close(): Promise<void> {
    this.#connected.then(({ run }) => run.stop()).catch(() => {})
    await this.#close()
  }

  /** The client, and the run that it talks to, as text. */
  async #known(): Promise<{ readonly client: Commands; readonly run: string }> {
    const { client, run } = await this.#connected
    if (run.current === UNKNOWN_RUN) await run.asking
    return { client, run: run.current }
  }

  async #place(id: SessionId, token: string): Promise<Unpacked | undefined> {
    const { client, run } = await this.#known()
    const value = await scripts.reserve(client, this.#key(id), {
      check: checkOf(id),
      run,
      token: packToken(token),
      ttl: FILL_TTL,
    })
    return unpackAny(id, value)
  }

  #packed(record: SessionRecord, run: string) {
    const { head, payload } = packRecord(record)
    return {
      check: checkOf(record.id),
      run,
      version: packVersion(record.version),
      head,
      payload,
      ttl: this.#ttlUntil(record.expiresAt),
      ...this.#message(record.id, record.version),
    }
  }

  /** What is held of this id below this version is old. */
  #message(id: SessionId, version: number): { readonly channel: string; readonly message: string } {
    return { channel: this.channel, message: toMessage(id, version) }
  }

  /** By now, not at the time of the question: the answer may be that of the server before. */
  #toHeld(found: Unpacked | undefined, run: ServerRun): Held | Promise<Held> {
    const isKnown = found?.kind !== 'live' || run.current !== UNKNOWN_RUN
    const asking = isKnown ? undefined : run.asking
    return asking ? asking.then(() => this.#heldIn(found, run)) : this.#heldIn(found, run)
  }

  #heldIn(found: Unpacked | undefined, run: ServerRun): Held {
    if (found === undefined || found.kind === 'corrupt') return ABSENT
    if (found.kind !== 'live') return found
    if (found.record.expiresAt <= this.#now()) return ABSENT
    const { record, stamp } = found
    return { kind: 'live', record, stamp: stamp.held, trust: run.trustIn(stamp, this.#lease) }
  }

  #key(id: SessionId): { readonly record: string } {
    return { record: this.#keys.record(id) }
  }

  #ttlUntil(time: number): string {
    return String(Math.ceil(Math.min(time, LATEST) - this.#now()))
  }
}

function unpackAny(id: SessionId, value: unknown): Unpacked | undefined {
  return typeof value === 'string' ? unpack(id, value) : undefined
}

const ABSENT: Held = Object.freeze({ kind: 'absent' })

/** How long the token of a fill that never came stands, ms (`SessionCache.reserve`). */
const FILL_TTL = '3000'
