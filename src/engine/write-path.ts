import { randomUUID } from 'node:crypto'
import type { PutMode } from '../core/cache.js'
import { checkTtl } from '../core/duration.js'
import { ConflictError, LedgerUnavailableError } from '../core/errors.js'
import { MAX_VERSION, type Change } from '../core/ledger.js'
import type { CommitName, SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { GroupCommit, type Outcome } from './group-commit.js'
import { toNearEntry } from './loaded-session.js'
import {
  mergesInto,
  moveOn,
  nextBase,
  ownCommit,
  rememberUnknown,
  type Attempt,
} from './session-cursor.js'
import type {
  PreparedWrite,
  Proposal,
  SessionCursor,
  SessionWrite,
  WriteOutcome,
} from './session-write.js'
import { rebase, settleConflict } from './settle-conflict.js'
import { BURIED_FOR, type Tiers } from './tiers.js'
import { pauseBefore } from './write-pauses.js'

const MOST_ATTEMPTS = 20

/** Writes sessions: the ledger first, then the caches are told. */
export class WritePath {
  readonly #tiers: Tiers
  readonly #commits: GroupCommit

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#commits = new GroupCommit(tiers.ledger, (change) => this.#noteUnknown(change))
  }

  /** How many changes wait for the ledger. */
  get size(): number {
    return this.#commits.size
  }

  /**
   * Serializes at once, so that what the caller does to the object afterwards is no part of it.
   * @throws SerializationError, InvalidOptionError
   */
  prepare(id: SessionId, { content, ttl, device }: SessionWrite): PreparedWrite {
    checkTtl(ttl)
    const { codec, settings } = this.#tiers
    const [text, since] = [codec.stringify(content), settings.clock.monotonic()]
    return { id, content, text, ttl, device, writeId: randomUUID(), since }
  }

  /**
   * Commits a write, merged with what others committed meanwhile, and moves the cursor on.
   *
   * @throws {@link ConflictError}, {@link LedgerUnavailableError}, {@link InvalidRecordError}
   */
  async write(write: PreparedWrite, cursor: SessionCursor): Promise<WriteOutcome> {
    let proposal: Proposal | 'dropped' = await rebase(write, cursor.base, this.#tiers)
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (proposal === 'dropped') return 'dropped'
      await pauseBefore(attempt, write.since, this.#tiers.ledger)
      const ticket = this.#tiers.near?.begin(write.id)
      const mode = await this.#announce(write.id, proposal)
      if (mode === 'gone') return this.#gone(write.id)
      const { base } = cursor
      const isCutOff = this.#isCutOff()
      // Of an id that is new no cache holds anything.
      const isNew = base === 'new' && !proposal.base
      const attempted = { write, cursor, proposal }
      const outcome = await this.#commit(attempted, isCutOff && !isNew)
      if (outcome.kind === 'committed') {
        const next = nextBase(outcome.record, attempted)
        const told = await this.#tellCache(outcome.record, mode, isCutOff ? 'noted' : write.since)
        // Committed before the destroy that the cache knows of: nobody may remember it any more.
        if (told === 'gone') this.#tiers.near?.drop(write.id, MAX_VERSION)
        if (ticket && told === 'taken') this.#tiers.near?.keep(ticket, toNearEntry(next))
        moveOn(cursor, next)
        return 'written'
      }
      if (outcome.kind === 'gone') {
        if (base !== 'any' || outcome.revoked) return this.#foundGone(write.id, outcome.revoked)
        proposal = { ...proposal, base: undefined }
      } else {
        if (outcome.mayHoldIt && mergesInto(base)) {
          rememberUnknown(attempted)
          throw this.#doubt(write.id, proposal)
        }
        proposal = await this.#settle(attempted, outcome.record)
      }
    }
    throw new ConflictError(write.id)
  }

  async #commit(attempt: Attempt, repair: boolean): Promise<Outcome> {
    const change = this.#change(attempt, repair)
    try {
      return await this.#commits.submit(change)
    } catch (error) {
      if (error instanceof LedgerUnavailableError) {
        rememberUnknown(attempt)
        this.#noteUnknown(change)
      }
      throw error
    }
  }

  /**
   * A commit whose outcome is unknown may have happened: the cache must not hold what was there
   * before for long. It is noted when the caller is told, and again when it happens after that,
   * because a cache that was repaired between the two was filled from before it.
   */
  #noteUnknown({ id, base, above }: Pick<Change, 'id' | 'base' | 'above'>): void {
    if (!base) return
    this.#tiers.near?.drop(id, above + 1)
    void this.#tiers.repairs?.note({ id, version: above + 1 })
  }

  /** What was made once already must not be made again over what others thought of it since. */
  #doubt(id: SessionId, { base, above }: Proposal): LedgerUnavailableError {
    this.#noteUnknown({ id, base, above })
    const cause = new Error('No reply came, and somebody may have built upon what was committed')
    return new LedgerUnavailableError(this.#tiers.ledger.name, 'commit', cause)
  }

  /** Whether caches are not told now, and what they hold is to be noted in the ledger. */
  #isCutOff(): boolean {
    const { cache, settings } = this.#tiers
    return cache ? !cache.isReachable : settings.redisElsewhere
  }

  #change({ write, proposal }: Attempt, repair: boolean): Change {
    const { codec, settings } = this.#tiers
    const { id, writeId, device } = write
    return {
      id,
      base: proposal.base,
      above: proposal.above,
      writeId,
      data: codec.seal(id, proposal.text),
      ttl: Math.max(0, proposal.ttl),
      userId: settings.userId(proposal.content),
      device,
      absoluteTtl: settings.absoluteTtl,
      repair,
    }
  }

  /**
   * An insert is put as a fill, whose token was placed before: whoever writes the session before it
   * is acknowledged then ends that fill, instead of being followed by the older record. An id that
   * the cache refuses, for a day, is refused though the ledger has forgotten it: what was committed
   * could not be read.
   */
  async #announce(id: SessionId, { base }: Proposal): Promise<PutMode | 'gone' | undefined> {
    if (base) return 'update'
    const token = randomUUID()
    const held = await this.#tiers.cache?.reserve(id, token)
    if (held?.kind === 'tombstone') return 'gone'
    return held?.kind === 'absent' ? { fill: token } : undefined
  }

  /**
   * What was there before is old from now on; what was committed may be remembered here only where
   * the cache has taken it: it may hold a tombstone that the ledger was never told of (rule 5).
   *
   * @param since - when the write came: its acknowledgement waits for a note no longer than the
   * ledger may take from then on. `noted`: the commit itself wrote down, where that was needed, that
   * the cache may not be told; it may have gone since.
   */
  async #tellCache(
    record: SessionRecord,
    mode: PutMode | undefined,
    since: number | 'noted',
  ): Promise<'taken' | 'gone' | 'untold'> {
    const { cache, metrics, near, repairs } = this.#tiers
    metrics.count('writes')
    near?.drop(record.id, record.version)
    if (!cache) return 'taken'
    const outcome = mode ? await cache.put(record, mode) : await this.#forgetAll(record.id)
    if (outcome === 'untold' && since !== 'noted') await repairs?.note(record, since)
    if (outcome === 'untold' || outcome === 'forgotten') return 'untold'
    return outcome === 'gone' ? 'gone' : 'taken'
  }

  /** Where a new session could not be announced, the cache may hold one that the ledger has lost. */
  async #forgetAll(id: SessionId): Promise<'forgotten' | 'untold'> {
    return (await this.#tiers.cache?.forget(id, MAX_VERSION)) ? 'forgotten' : 'untold'
  }

  /**
   * What is proposed upon the commit that was met. Where that is a write of the holder's own, of
   * which it was told no more than that it may have failed, the holder goes on from there.
   */
  async #settle(
    { write, cursor, proposal: { base, above, ...proposed } }: Attempt,
    record: SessionRecord,
  ): Promise<Proposal | 'dropped'> {
    const isMerged = mergesInto(cursor.base)
    const own = isMerged ? ownCommit(cursor, record) : undefined
    if (own) {
      moveOn(cursor, own)
      return rebase(write, own, this.#tiers)
    }
    let next: Proposal | 'dropped' = 'dropped'
    try {
      const conflict = { write, base: cursor.base, above, record }
      next = await settleConflict(conflict, this.#tiers)
    } finally {
      // What is proposed next is put over it.
      if (base && next === 'dropped') await this.#disown(base, record)
    }
    // The change of identity that it gave way to may be the holder's own.
    if (next === 'dropped' && isMerged && cursor.unknown)
      throw this.#doubt(write.id, { base, above, ...proposed })
    return next
  }

  /**
   * What the holder was given by a cache may be what led it into the conflict: who committed the
   * next version may have died before it told anybody. Without this, each load until the end of the
   * lease would lead into it again.
   */
  async #disown(base: CommitName, { id, version }: SessionRecord): Promise<void> {
    const old = Math.max(base.version, version - 1)
    this.#tiers.near?.drop(id, old + 1)
    await this.#tiers.cache?.forget(id, old)
  }

  /** The ledger says that the session has ended: the cache, which may not know, is told. */
  #foundGone(id: SessionId, isRevoked: boolean): 'gone' {
    const { cache } = this.#tiers
    if (isRevoked) void cache?.bury(id, { version: 0, ttl: BURIED_FOR })
    else void cache?.forget(id, MAX_VERSION)
    return this.#gone(id)
  }

  #gone(id: SessionId): 'gone' {
    this.#tiers.near?.drop(id, MAX_VERSION)
    this.#tiers.events.emit('write-after-destroy', { id })
    return 'gone'
  }
}
