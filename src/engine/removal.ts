import { LedgerUnavailableError } from '../core/errors.js'
import { MAX_VERSION, type Revocation } from '../core/ledger.js'
import { toSessionId, type SessionId } from '../core/session-id.js'
import { toUserId } from '../core/session-options.js'
import type { Batcher } from './batcher.js'
import type { Told } from './cache-answers.js'
import { createLedgerBatcher } from './ledger-batcher.js'
import { pagesOf } from './pages.js'
import type { Tiers } from './tiers.js'
import { UnfinishedRemovals } from './unfinished-removals.js'

/** How long the cache refuses a removed session at least, ms. */
const REFUSED_FOR = 86_400_000

/**
 * How long a tombstone stands for an id that is not there, against an insert which is still under
 * way. ms.
 */
const ABSENT_FOR = 600_000
const MOST_PASSES = 10

/** Which sessions to end. */
export interface RemovalFilter {
  /** All of this user's, or everybody's. */
  readonly userId?: string | undefined

  /** The one that stays. */
  readonly except?: SessionId | undefined
  readonly reason: string
}

type Ended = Pick<Revocation, 'id' | 'reason'>

/**
 * Ends sessions: the caches refuse them first, then the ledger makes it durable (protocol rule 5).
 */
export class Removal {
  readonly #tiers: Tiers
  readonly #revocations: Batcher<Revocation, boolean>
  readonly #unfinished: UnfinishedRemovals

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#revocations = createLedgerBatcher(tiers.ledger, 'revoke', (revocations) =>
      this.#revokeTogether(revocations),
    )
    this.#unfinished = new UnfinishedRemovals({
      remove: (id, reason) => this.remove(id, reason),
      clock: tiers.settings.clock,
      events: tiers.events,
    })
  }

  /** How many sessions wait to be ended. */
  get size(): number {
    return this.#revocations.size + this.#unfinished.size
  }

  /** Tries what is not durable yet once more, and then no more. Never rejects. */
  stop(): Promise<void> {
    return this.#unfinished.stop()
  }

  /**
   * Ends a session, and answers whether it was live.
   *
   * @throws {@link LedgerUnavailableError}: it is not durable. Where a cache refuses the session
   * already, it is tried again in the background until it is.
   */
  async remove(id: SessionId, reason: string): Promise<boolean> {
    const { cache, events, metrics, near, repairs, settings } = this.#tiers
    const since = settings.clock.monotonic()
    near?.drop(id, MAX_VERSION)
    const told = await this.#bury(id)
    const repair = cache ? told !== 'told' : settings.redisElsewhere
    const revocation = { id, reason: toReason(reason), absentTtl: ABSENT_FOR, repair }
    const wasLive = await this.#makeDurable(revocation, told)
    // What was read between the two.
    near?.drop(id, MAX_VERSION)
    // A cache that evicted the tombstone, or restarted, may have been filled before the commit, and
    // one that could not be told may be there again: it is told once more.
    if (cache && (await this.#bury(id)) !== 'told' && !repair) {
      await repairs?.note({ id, version: MAX_VERSION }, since)
    }
    if (wasLive) {
      metrics.count('revocations')
      events.emit('revoked', { id, reason })
    }
    return wasLive
  }

  /**
   * Has the caches refuse a session at once whose removal has to wait for its turn. Settles as that
   * does; where its turn did not come in time, it is tried again in the background.
   */
  async refuseUntil(removing: Promise<boolean>, ended: Ended): Promise<boolean> {
    this.#tiers.near?.drop(ended.id, MAX_VERSION)
    const burying = this.#bury(ended.id)
    try {
      return await removing
    } catch (error) {
      this.#keepUnfinished(error, ended, await burying)
      throw error
    }
  }

  /**
   * What the ledger answers about a session that is to end. Where it is away, the caches refuse the
   * session, which ends when the ledger is back; that rejects.
   */
  async orRefuse(asking: Promise<boolean>, ended: Ended): Promise<boolean> {
    try {
      return await asking
    } catch (error) {
      this.#tiers.near?.drop(ended.id, MAX_VERSION)
      this.#keepUnfinished(error, ended, await this.#bury(ended.id))
      throw error
    }
  }

  async #makeDurable(revocation: Revocation, told: Told): Promise<boolean> {
    try {
      return await this.#revocations.submit(revocation)
    } catch (error) {
      this.#keepUnfinished(error, revocation, told)
      throw error
    }
  }

  /** What the cache may refuse from now on must not go on in the ledger. */
  #keepUnfinished(error: unknown, { id, reason }: Ended, told: Told): void {
    const mayBeRefused = told !== 'untold'
    if (mayBeRefused && error instanceof LedgerUnavailableError) this.#unfinished.keep(id, reason)
  }

  async #bury(id: SessionId): Promise<Told> {
    const { cache } = this.#tiers
    return cache ? cache.bury(id, { version: 0, ttl: REFUSED_FOR }) : 'untold'
  }

  /** As {@link Removal.removeAll}, for a user, however the ledger's index names it. */
  async removeUser(
    userId: string | number,
    filter: Omit<RemovalFilter, 'userId'>,
  ): Promise<number> {
    // Sessions from before `encryption` was turned on are indexed by the plain id.
    const entries = new Set([this.#tiers.settings.indexOwner(userId), toUserId(userId)])
    let ended = 0
    for (const entry of entries) {
      if (entry !== undefined) ended += await this.removeAll({ ...filter, userId: entry })
    }
    return ended
  }

  /**
   * Ends many sessions, and answers how many were live; those that begin meanwhile are ended too.
   */
  async removeAll(filter: RemovalFilter): Promise<number> {
    let all = 0
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const { listed, ended } = await this.#removePages(filter)
      all += ended
      if (listed === 0) break
    }
    return all
  }

  async #removePages({ userId, except, reason }: RemovalFilter) {
    const { lists } = this.#tiers
    const pages = pagesOf((page) => lists.list({ userId, ...page }))
    let [listed, ended] = [0, 0]
    for await (const page of pages) {
      const ids = page.map(({ id }) => toSessionId(id)).filter((id) => id !== except)
      const outcomes = await Promise.all(ids.map((id) => this.remove(id, reason)))
      listed += ids.length
      ended += outcomes.filter(Boolean).length
    }
    return { listed, ended }
  }

  async #revokeTogether(revocations: readonly Revocation[]): Promise<readonly boolean[]> {
    const unique = [...new Map(revocations.map((each) => [each.id, each])).values()]
    const ended = await this.#tiers.ledger.call('revoke', (ledger) => ledger.revoke(unique))
    return revocations.map(({ id }) => ended.has(id))
  }
}

/** Postgres stores no NUL, and would refuse whatever else is in the statement. */
function toReason(reason: unknown): string {
  return typeof reason === 'string' ? reason.replaceAll('\0', '') : 'removed'
}
