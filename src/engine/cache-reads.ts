import { randomUUID } from 'node:crypto'
import type { Held, HeldRecord } from '../core/cache.js'
import { LedgerUnavailableError, SessionError } from '../core/errors.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import type { Unreached } from './cache-answers.js'
import { within } from './deadline.js'
import type { GuardedCache } from './guarded-cache.js'
import type { Entry, LedgerReads } from './ledger-reads.js'
import { open, openNow, type LoadedSession } from './loaded-session.js'
import { BURIED_FOR, type Tiers } from './tiers.js'

/**
 * A cache that has not answered after so long is not waited for alone: the ledger is asked too. Half
 * of what the cache may take, at most; the other half is left for a second question. ms.
 */
const HEDGE_AFTER = 30

/** A record that is due is served where the ledger does not confirm it within this time, ms. */
const CONFIRM_WITHIN = 500

/** What the ledger said counts as its word of now for so long, ms. */
const CONFIRMED_FOR = 3_000

/** After that the ledger is left alone with such questions for so long, ms. */
const CONFIRM_AGAIN_AFTER = 1_000

/** Remembers a session in this process. */
type Keep = (session: LoadedSession) => void

/**
 * Reads through the shared cache. What it holds answers, as far as that can be believed; where the
 * ledger has to be asked, the cache is told what it said.
 */
export class CacheReads {
  readonly #tiers: Tiers
  readonly #cache: GuardedCache
  readonly #ledger: LedgerReads
  readonly #hedgeAfter: number
  #confirmAgainAt = -Infinity

  constructor(tiers: Tiers, cache: GuardedCache, ledger: LedgerReads) {
    this.#tiers = tiers
    this.#cache = cache
    this.#ledger = ledger
    this.#hedgeAfter = Math.min(HEDGE_AFTER, tiers.settings.redisTimeout / 2)
  }

  /**
   * The live session of this id. Rejects where no tier that can be trusted answers.
   *
   * @param keep - is given what may be remembered: nothing before the cache has answered, because it
   * may hold a tombstone that the ledger was never told of (rule 5).
   */
  async read(id: SessionId, keep: Keep): Promise<LoadedSession | undefined> {
    const { clock } = this.#tiers.settings
    const start = clock.monotonic()
    const asked = this.#cache.read(id)
    const held = await within(asked, this.#hedgeAfter, clock)
    if (held === 'late') {
      const reading = this.#hedge(id, asked)
      keepUnrefused(asked, reading, keep).catch(() => undefined)
      return reading
    }
    const sound = this.#soundNow(held)
    if (sound) {
      keep(sound)
      return sound
    }
    const session =
      held.kind === 'absent'
        ? await this.#fill(id, clock.monotonic() - start)
        : await this.#answer(held, id)
    if (session && held.kind !== 'unreached') keep(session)
    return session
  }

  /** What is nearly always found, without another turn; `undefined` where there is more to it. */
  #soundNow(held: Held | Unreached): LoadedSession | undefined {
    if (held.kind !== 'live' || held.trust !== 'sound') return undefined
    if (held.record.expiresAt <= this.#tiers.ledger.now()) return undefined
    return openNow(this.#tiers, held.record, this.#cache.name)
  }

  /** Whichever of the two answers first with what can be believed. */
  async #hedge(
    id: SessionId,
    asked: Promise<Held | Unreached>,
  ): Promise<LoadedSession | undefined> {
    this.#tiers.metrics.count('hedgedReads')
    const entry = this.#ledger.entry(id)
    const ofLedger = entry.then((found) => this.#ledger.open(found))
    const ofCache = asked.then((held) => this.#believed(held, ofLedger))
    this.#fillAfterwards(id, asked, entry).catch(() => undefined)
    return Promise.any([ofLedger, ofCache]).catch(() => ofLedger)
  }

  /**
   * There was no time to ask the cache a second time: that is done now, and nobody waits for it.
   * An id for which neither holds anything needs no fill.
   */
  async #fillAfterwards(
    id: SessionId,
    asked: Promise<Held | Unreached>,
    entry: Promise<Entry>,
  ): Promise<void> {
    const [held, found] = await Promise.all([asked, entry])
    if (isDoubtful(held) || (held.kind === 'absent' && found)) await this.#fill(id, 0)
  }

  /** Rejects where only the ledger can tell. */
  async #believed(
    held: Held | Unreached,
    ofLedger: Promise<unknown>,
  ): Promise<LoadedSession | undefined> {
    if (held.kind === 'tombstone') return undefined
    if (held.kind === 'live' && held.trust !== 'doubtful') {
      if (held.trust === 'due') await this.#silenceOf(ofLedger)
      const session = await this.#openHeld(held.record)
      if (session) return session
    }
    throw new Error('The cache holds nothing to believe')
  }

  async #answer(held: Held | Unreached, id: SessionId): Promise<LoadedSession | undefined> {
    if (held.kind === 'tombstone') return undefined
    if (held.kind === 'live') {
      if (held.trust === 'doubtful') return this.#fill(id, 0)
      const session = await this.#openHeld(held.record)
      if (session) return held.trust === 'due' ? this.#confirm(held, session) : session
    }
    return this.#ledger.session(id)
  }

  /**
   * Somebody's token stands there first, so that nothing older than what the ledger says now can
   * slip in (rule 3).
   *
   * @param spent - how much of the cache's deadline the read before has taken, ms.
   */
  async #fill(id: SessionId, spent: number): Promise<LoadedSession | undefined> {
    const token = randomUUID()
    const held = await this.#cache.reserve(id, token, spent)
    if (isDoubtful(held)) return this.#ledger.session(id)
    if (held.kind !== 'absent') return this.#answer(held, id)
    const entry = await this.#ledger.entry(id)
    // The request has its answer: it does not wait for the cache to have it too. Neither of these
    // rejects.
    if (entry?.kind === 'live') void this.#cache.put(entry.record, { fill: token })
    if (entry?.kind === 'tombstone') this.#bury(id, entry.version)
    return this.#ledger.open(entry)
  }

  /** Asks the ledger about a record whose lease is over (rule 10). */
  async #confirm(held: HeldRecord, session: LoadedSession): Promise<LoadedSession | undefined> {
    const { clock } = this.#tiers.settings
    const start = clock.monotonic()
    if (start < this.#confirmAgainAt) return session
    const { id, version } = held.record
    const entry = await this.#inTime(this.#ledger.entry(id))
    if (entry === 'unreached') {
      this.#confirmAgainAt = clock.monotonic() + CONFIRM_AGAIN_AFTER
      return session
    }
    // A process that was stopped meanwhile would stamp what is old by now with the time of now.
    const isRecent = clock.monotonic() - start < CONFIRMED_FOR
    if (entry?.kind === 'live') {
      if (isRecent) void this.#cache.confirm(held, entry.record)
      else if (entry.record.writeId !== held.record.writeId) void this.#cache.forget(id, version)
    } else if (entry?.kind === 'tombstone') this.#bury(id, entry.version)
    else void this.#cache.forget(id, version)
    return this.#ledger.open(entry)
  }

  /** Resolves once the ledger need not be waited for, and rejects where it has answered. */
  async #silenceOf(ofLedger: Promise<unknown>): Promise<void> {
    const { clock } = this.#tiers.settings
    if (clock.monotonic() < this.#confirmAgainAt) return
    const answer = await this.#inTime(ofLedger)
    if (answer !== 'unreached') throw new Error('The ledger has answered')
    this.#confirmAgainAt = clock.monotonic() + CONFIRM_AGAIN_AFTER
  }

  async #inTime<T>(ofLedger: Promise<T>): Promise<T | 'unreached'> {
    try {
      const answer = await within(ofLedger, CONFIRM_WITHIN, this.#tiers.settings.clock)
      return answer === 'late' ? 'unreached' : answer
    } catch (error) {
      if (error instanceof LedgerUnavailableError) return 'unreached'
      throw error
    }
  }

  #bury(id: SessionId, version: number): void {
    void this.#cache.bury(id, { version, ttl: BURIED_FOR })
  }

  /**
   * What the cache holds may be damaged while the ledger's copy is sound: then it does not count.
   */
  async #openHeld(record: SessionRecord): Promise<LoadedSession | undefined> {
    const { events, ledger } = this.#tiers
    if (record.expiresAt <= ledger.now()) return undefined
    try {
      const session = await open(this.#tiers, record, this.#cache.name)
      if (session) return session
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      const tier = this.#cache.name
      events.emit('corrupt-record', { id: record.id, tier, problem: error.message })
    }
    await this.#cache.forget(record.id, record.version)
    return undefined
  }
}

function isDoubtful(held: Held | Unreached): boolean {
  return held.kind === 'live' && held.trust === 'doubtful'
}

/** Remembers what a read found, once the cache has answered, and not with a tombstone. */
async function keepUnrefused(
  asked: Promise<Held | Unreached>,
  reading: Promise<LoadedSession | undefined>,
  keep: Keep,
): Promise<void> {
  const [held, session] = await Promise.all([asked, reading])
  if (session && held.kind !== 'tombstone' && held.kind !== 'unreached') keep(session)
}
