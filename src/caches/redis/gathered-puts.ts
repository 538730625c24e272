import type { PutMode, PutOutcome } from '../../core/cache.js'
import type { SessionRecord } from '../../core/record.js'
import { joinMessages, toMessage } from './bus-message.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import { Gathered } from '../../drivers/redis/gathered.js'
import type { Keys } from '../../drivers/redis/keys.js'
import { checkOf, packRecord, packToken, packVersion } from '../../drivers/redis/record-format.js'
import * as scripts from './scripts.js'

/** So many records go at once: while a script runs, Redis answers nobody else. */
const MOST = 32

/** What {@link GatheredPuts} works with. */
export interface GatheredPutsOptions {
  /** The client, and the run that it talks to. */
  readonly known: () => Promise<Known>
  readonly keys: Keys
  readonly channel: string

  /** For how long a record lives that expires then, ms. */
  readonly ttlUntil: (time: number) => string
}

interface Known {
  readonly client: Commands
  readonly run: string
}

type Args = 'check' | 'run' | 'token' | 'version' | 'head' | 'payload' | 'ttl'

interface Entry {
  readonly client: Commands
  readonly key: string
  readonly args: Readonly<Record<Args, string>>

  /** What others are told; nothing of a fill. */
  readonly message: string | undefined
}

/**
 * The records that are put in one turn of the event loop travel together, as the sessions of one
 * commit are acknowledged; in a Cluster each by itself.
 */
export class GatheredPuts {
  readonly #options: GatheredPutsOptions
  readonly #gathered: Gathered<Entry, PutOutcome>

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
    // The run as it is now: at the end of the turn the cache may have been closed.
    const known = await this.#options.known()
    return this.#gathered.submit(this.#pack(record, mode, known))
  }

  #pack(record: SessionRecord, mode: PutMode, { client, run }: Known): Entry {
    const { keys, ttlUntil } = this.#options
    const { id, version, expiresAt } = record
    const { head, payload } = packRecord(record)
    const isUpdate = mode === 'update'
    return {
      client,
      key: keys.record(id),
      message: isUpdate ? toMessage(id, version) : undefined,
      args: {
        check: checkOf(id),
        run,
        token: isUpdate ? '' : packToken(mode.fill),
        version: packVersion(version),
        head,
        payload,
        ttl: ttlUntil(expiresAt),
      },
    }
  }

  async #ask(entries: readonly Entry[]): Promise<readonly (PutOutcome | Error)[]> {
    const [first] = entries
    if (!first) return []
    const { client } = first
    if (!client.isCluster) return this.#send(client, entries)
    const outcomes = entries.map((entry) => this.#send(client, [entry]).catch(asOutcomes))
    return (await Promise.all(outcomes)).flat()
  }

  async #send(
    client: Commands,
    entries: readonly Entry[],
  ): Promise<readonly (PutOutcome | Error)[]> {
    const { channel } = this.#options
    const message = joinMessages(entries.flatMap((entry) => entry.message ?? []))
    const outcomes = await scripts.put(client, { channel, message }, entries)
    return outcomes.map((each) => (typeof each === 'string' ? (each as PutOutcome) : toError(each)))
  }
}

function asOutcomes(error: unknown): readonly Error[] {
  return [toError(error)]
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Redis did not put a record', { cause: error })
}
