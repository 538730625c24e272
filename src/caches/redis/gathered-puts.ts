import type { PutMode, PutOutcome } from '../../core/cache.js'
import type { SessionRecord } from '../../core/record.js'
import { joinMessages, toMessage } from './bus-message.js'
import type { Commands } from './driver-error.js'
import { Gathered } from './gathered.js'
import type { Keys } from './keys.js'
import { checkOf, packRecord, packToken, packVersion } from './record-format.js'
import * as scripts from './scripts.js'

/** So many records are put at once: Redis answers nobody else meanwhile. */
const MOST = 32

/** What {@link GatheredPuts} works with. */
export interface GatheredPutsOptions {
  /** The client, and the run that it talks to. */
  readonly known: () => Promise<{ readonly client: Commands; readonly run: string }>
  readonly keys: Keys
  readonly channel: string

  /** For how long a record lives that expires then, ms. */
  readonly ttlUntil: (time: number) => string
}

interface Entry {
  readonly key: string
  readonly args: Readonly<
    Record<'check' | 'token' | 'version' | 'head' | 'payload' | 'ttl', string>
  >

  /** What others are told; nothing of a fill. */
  readonly message: string | undefined
}

/**
 * The records that are put in one turn of the event loop travel together, as the sessions of one
 * commit are acknowledged; in a Cluster each by itself.
 */
export class GatheredPuts {
  readonly #options: GatheredPutsOptions
  readonly #gathered: Gathered<Entry, unknown>

  constructor(options: GatheredPutsOptions) {
    this.#options = options
    this.#gathered = new Gathered({
      most: MOST,
      lengthOf: ({ args }) => args.payload.length,
      ask: (entries) => this.#ask(entries),
    })
  }

  /** Holds a record, as `SessionCache.put`. */
  async put(record: SessionRecord, mode: PutMode): Promise<PutOutcome> {
    return (await this.#gathered.submit(this.#pack(record, mode))) as PutOutcome
  }

  #pack(record: SessionRecord, mode: PutMode): Entry {
    const { keys, ttlUntil } = this.#options
    const { id, version, expiresAt } = record
    const { head, payload } = packRecord(record)
    const isUpdate = mode === 'update'
    return {
      key: keys.record(id),
      message: isUpdate ? toMessage(id, version) : undefined,
      args: {
        check: checkOf(id),
        token: isUpdate ? '' : packToken(mode.fill),
        version: packVersion(version),
        head,
        payload,
        ttl: ttlUntil(expiresAt),
      },
    }
  }

  async #ask(entries: readonly Entry[]): Promise<readonly unknown[]> {
    const { known, channel } = this.#options
    const { client, run } = await known()
    const send = (some: readonly Entry[]): Promise<readonly unknown[]> => {
      const message = joinMessages(some.flatMap((entry) => entry.message ?? []))
      return scripts.put(client, { run, channel, message }, some)
    }
    if (!client.isCluster) return send(entries)
    const outcomes = await Promise.all(entries.map((entry) => send([entry]).catch(asOutcome)))
    return outcomes.flat()
  }
}

function asOutcome(error: unknown): readonly unknown[] {
  return [error instanceof Error ? error : new Error('A put failed', { cause: error })]
}
