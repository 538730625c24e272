import { RemoteTime, type Clock } from '../../core/clock.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { isTombstone, type StoredSession } from '../../core/stored-session.js'
import type { Decision } from '../../core/ledger-rules.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import { toOwned, type LedgerKeys } from './ledger-keys.js'
import * as scripts from './scripts.js'
import { packSession, unpackSession } from './stored-value.js'

/** What {@link StoredSessions} works with. */
export interface StoredSessionsOptions {
  readonly connected: Promise<Commands>
  readonly keys: LedgerKeys
  readonly context: Context
  readonly clock: Clock

  /** Told of each value that is no session of its id; it counts as absent. */
  readonly onCorrupt: (id: SessionId, problem: string) => void

  /** Called when Redis has answered for the first time. */
  readonly onAnswered: () => void
}

/** What was held of an id at one moment. */
export interface Seen {
  readonly id: SessionId

  /** The server's time then, epoch ms. */
  readonly now: number

  /** The same only while exactly that is held. */
  readonly mark: string

  /** Expired ones too. */
  readonly held: StoredSession | undefined
}

/** So many are looked at in one script: while it runs, Redis answers nobody else. */
const MOST = 32

/**
 * The sessions in Redis: what is held is looked at, and replaced only where it is still just what
 * was seen.
 */
export class StoredSessions {
  readonly #options: StoredSessionsOptions
  readonly #time: RemoteTime
  #hasAnswered = false

  constructor(options: StoredSessionsOptions) {
    this.#options = options
    this.#time = new RemoteTime(options.clock)
  }

  /** The server's time as it is best known here, epoch ms. */
  now(): number {
    return this.#time.now()
  }

  /** What is held of these ids, in their order. */
  async look(ids: readonly SessionId[]): Promise<readonly Seen[]> {
    const client = await this.#options.connected
    const seen = await Promise.all(
      Array.from({ length: Math.ceil(ids.length / MOST) }, (_, part) =>
        this.#lookAt(client, ids.slice(part * MOST, (part + 1) * MOST)),
      ),
    )
    return seen.flat()
  }

  /** Carries a decision out, unless something else is held by now than it was made upon. */
  async swap({ id, mark, held, now }: Seen, decision: Decision<unknown>): Promise<boolean> {
    const { connected, keys, context } = this.#options
    const { next, repair } = decision
    const client = await connected
    if (!next) return true
    if (!Number.isFinite(next.expiresAt)) throw new RangeError('An expiry must be a time')
    const { live, dead, ids, users, owners, notes, noted, contexts } = keys
    const done = keys.done(next.writeId)
    const outcome = await scripts.swap(
      client,
      { record: keys.record(id), live, dead, ids, users, owners, notes, noted, contexts, done },
      {
        context,
        id,
        seen: mark,
        // What is expired stays so; what is not is so until then.
        goodUntil: held && held.expiresAt > now ? String(held.expiresAt) : '',
        value: packSession(next),
        expiresAt: String(next.expiresAt),
        dropAt: String(next.expiresAt + scripts.GRACE),
        owned: isTombstone(next) ? '' : toOwned(next.userId, id),
        version: repair ? String(repair.version) : '',
      },
    )
    return Number(outcome) === 1
  }

  async #lookAt(client: Commands, ids: readonly SessionId[]): Promise<readonly Seen[]> {
    const { clock, keys } = this.#options
    const askedAt = clock.monotonic()
    const entries = ids.map((id) => ({ key: keys.record(id), args: {} }))
    const found = await scripts.lookAtEach(client, {}, entries)
    const seen = ids.map((id, index) => this.#toSeen(id, found[index]))
    if (seen[0]) this.#time.sample(seen[0].now, askedAt)
    if (!this.#hasAnswered) this.#options.onAnswered()
    this.#hasAnswered = true
    return seen
  }

  #toSeen(id: SessionId, found: unknown): Seen {
    if (found instanceof Error) throw found
    const [now, mark, value] = found as [unknown, string, string]
    return { id, now: Number(now), mark, held: mark === '' ? undefined : this.#unpack(id, value) }
  }

  #unpack(id: SessionId, value: string): StoredSession | undefined {
    const { context, onCorrupt } = this.#options
    const found = unpackSession(id, context, value)
    if (found.kind === 'stored') return found.session
    onCorrupt(id, found.problem)
    return undefined
  }
}
