import { systemClock, type Clock } from '../../core/clock.js'
import { InvalidOptionError } from '../../core/errors.js'
import type {
  Change,
  CommitOutcome,
  LedgerStats,
  ListQuery,
  NotedRepair,
  Repair,
  Revocation,
  SessionLedger,
  SweepBatch,
  Touch,
  Touched,
} from '../../core/ledger.js'
import { decideCommit, decideRevocation } from '../../core/ledger-rules.js'
import type { Live, SessionSummary, Tombstone } from '../../core/record.js'
import { isContext, toSessionId, type Context, type SessionId } from '../../core/session-id.js'
import { isTombstone, toRecord, unexpired } from '../../core/stored-session.js'
import { withDiscreetErrors, type Commands } from '../../drivers/redis/driver-error.js'
import { checkOf } from '../../drivers/redis/record-format.js'
import type { RedisClient } from '../../drivers/redis/redis-client.js'
import { adviceForServer } from '../../drivers/redis/server-advice.js'
import { decideAll, type Deciding } from './decide-all.js'
import { removeExpired } from './expired-sessions.js'
import { checkHashTag, createLedgerKeys, type LedgerKeys } from './ledger-keys.js'
import { NotedRepairs } from './noted-repairs.js'
import * as scripts from './scripts.js'
import { SessionLists } from './session-lists.js'
import { StoredSessions } from './stored-sessions.js'

/** What a {@link RedisLedger} is made of. */
export interface RedisLedgerOptions {
  /** An ioredis client, or the promise of one; a Cluster's needs a hash tag in `prefix`. */
  readonly client: RedisClient | Promise<RedisClient>

  /** What every key begins with. Default `'session:'`. */
  readonly prefix?: string | undefined

  /** Whose sessions it serves. Default `'web'`. */
  readonly context?: Context | undefined

  /**
   * Told of each value that is no session of its id, with what is wrong with it; the value reads as
   * absent.
   */
  readonly onCorrupt?: ((id: SessionId, problem: string) => void) | undefined

  /** Told once what of the server's settings loses sessions, a sentence each. */
  readonly onAdvice?: ((advice: string) => void) | undefined

  /** The local time, for waits and for carrying the server's time forward. */
  readonly clock?: Clock | undefined

  /**
   * Ends the client. Default: nothing, because a client that was handed in is not ours to close.
   */
  readonly close?: (() => Promise<void>) | undefined
}

/**
 * Sessions in Redis 6.2 or later alone, as durable as it is; where Redis is empty, nobody is logged
 * in. A session and what finds it change in one script. A Redis out of memory refuses commits, and
 * still does `revoke` and `touch`.
 */
export class RedisLedger implements SessionLedger {
  readonly name = 'redis'
  readonly #options: RedisLedgerOptions
  readonly #prefix: string
  readonly #context: Context
  readonly #keys: LedgerKeys
  readonly #connected: Promise<Commands>
  readonly #sessions: StoredSessions
  readonly #lists: SessionLists
  readonly #repairs: NotedRepairs

  /** @throws InvalidOptionError */
  constructor(options: RedisLedgerOptions) {
    const { client, prefix = 'session:', context = 'web', clock = systemClock } = options
    const { onCorrupt = () => {} } = options
    if (typeof prefix !== 'string') throw new InvalidOptionError('prefix', 'must be a string')
    checkHashTag(client, prefix)
    this.#options = options
    this.#prefix = prefix
    this.#context = context
    this.#keys = createLedgerKeys(prefix, context)
    const connected = Promise.resolve(client).then(withDiscreetErrors)
    // Each call that awaits it is told; before the first, nobody is there to be.
    connected.catch(() => {})
    this.#connected = connected
    const onAnswered = (): void => void this.#advise().catch(nobodyWaits)
    const around = { connected, keys: this.#keys, context, clock, onCorrupt, onAnswered }
    this.#sessions = new StoredSessions(around)
    this.#lists = new SessionLists({ ...around, sessions: this.#sessions })
    this.#repairs = new NotedRepairs(connected, this.#keys)
  }

  now(): number {
    return this.#sessions.now()
  }

  async ready(): Promise<void> {
    await this.#sessions.look([NOBODY])
  }

  async read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>> {
    const found = new Map<SessionId, Live | Tombstone>()
    for (const { id, held, now } of await this.#sessions.look(ids)) {
      const session = unexpired(held, now)
      if (session === undefined) continue
      const { version } = session
      const isEnded = isTombstone(session)
      found.set(
        id,
        isEnded ? { kind: 'tombstone', version } : { kind: 'live', record: toRecord(session) },
      )
    }
    return found
  }

  async commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    const decisions = await decideAll(
      changes,
      this.#deciding((change: Change, { held, now }) =>
        decideCommit(held, change, { context: this.#context, now }),
      ),
    )
    return decisions.map(({ outcome }) => outcome)
  }

  async touch(touches: readonly Touch[]): Promise<ReadonlyMap<SessionId, Touched>> {
    const client = await this.#connected
    const { live } = this.#keys
    const touched = await Promise.all(
      touches.map(({ id, ttl }) => {
        const args = { id, check: checkOf(id), ttl: String(Math.ceil(ttl)) }
        return scripts.touch(client, { record: this.#keys.record(id), live }, args)
      }),
    )
    const held = new Map<SessionId, Touched>()
    touches.forEach(({ id }, index) => {
      if (!touched[index]) return
      const [version, expiresAt, isEnded] = touched[index] as [number, number, number]
      held.set(id, { version, revoked: isEnded === 1, expiresAt })
    })
    return held
  }

  async revoke(revocations: readonly Revocation[]): Promise<ReadonlySet<SessionId>> {
    const decisions = await decideAll(
      revocations,
      this.#deciding((revocation: Revocation, { held, now }) =>
        decideRevocation(held, revocation, { context: this.#context, now }),
      ),
    )
    const noted = decisions.flatMap(({ next, repair }) => (repair && !next ? repair : []))
    if (noted.length > 0) await this.#repairs.note(noted)
    const isEnded = (_: Revocation, index: number): boolean => decisions[index]?.outcome === true
    return new Set(revocations.filter(isEnded).map(({ id }) => id))
  }

  list(query: ListQuery): Promise<readonly SessionSummary[]> {
    return this.#lists.list(query)
  }

  stats(): Promise<LedgerStats> {
    return this.#lists.count()
  }

  async sweep(limit: number): Promise<SweepBatch> {
    const client = await this.#connected
    const { contexts } = this.#keys
    const found = await scripts.members(client, { set: contexts }, {})
    return removeExpired(limit, {
      client,
      prefix: this.#prefix,
      contexts: [...new Set([this.#context, ...(found as readonly Context[])])].filter(isContext),
    })
  }

  noteRepairs(repairs: readonly Repair[]): Promise<void> {
    return this.#repairs.note(repairs)
  }

  pendingRepairs(limit: number): Promise<readonly NotedRepair[]> {
    return this.#repairs.oldest(limit)
  }

  settleRepairs(repairs: readonly NotedRepair[]): Promise<void> {
    return this.#repairs.settle(repairs)
  }

  async close(): Promise<void> {
    await this.#options.close?.()
  }

  async #advise(): Promise<void> {
    const { client, onAdvice = () => {} } = this.#options
    for (const advice of await adviceForServer(await client)) onAdvice(advice)
  }

  #deciding<Item, Outcome>(decide: Deciding<Item, Outcome>['decide']): Deciding<Item, Outcome> {
    return { sessions: this.#sessions, decide }
  }
}

/** No session is named so: an id is longer, or has its context before a colon. */
const NOBODY = toSessionId('ready')

/** Redis does not tell its settings to everybody, and a logger may throw: neither is a failure. */
function nobodyWaits(): void {
  return undefined
}
