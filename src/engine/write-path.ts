import { randomUUID } from 'node:crypto'
import type { PutMode } from '../core/cache.js'
import { checkTtl } from '../core/duration.js'
import { ConflictError, LedgerUnavailableError } from '../core/errors.js'
import { MAX_VERSION, type Change } from '../core/ledger.js'
import type { NearTicket } from '../core/near.js'
import type { CommitName, SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { newWriteId } from '../core/write-id.js'
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
import type { Tiers } from './tiers.js'
import { UnknownCommits } from './unknown-commits.js'
import { WriteNews } from './write-news.js'
import { pauseBefore } from './write-pauses.js'

const MOST_ATTEMPTS = 20

/** How caches stand before an attempt. */
interface Announced {
  readonly ticket: NearTicket | undefined
  readonly mode: PutMode | undefined

  /** Whether they are not told now. */
  readonly isCutOff: boolean
}

/** The last commit that a write has met, and was to be merged with; and the highest that it stood upon. */
interface Met {
  record?: SessionRecord
  base?: CommitName | undefined
}

/** Writes sessions: the ledger first, then the caches are told. */
export class WritePath {
  readonly #tiers: Tiers
  readonly #commits: GroupCommit
  readonly #unknown: UnknownCommits
  readonly #news: WriteNews

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#unknown = new UnknownCommits(tiers)
    this.#news = new WriteNews(tiers)
    this.#commits = new GroupCommit(tiers.ledger, (change) => this.#unknown.note(change))
  }

  /** How many changes wait for the ledger, and of how many it is not known whether they took. */
  get queues(): { readonly writes: number; readonly unknown: number } {
    return { writes: this.#commits.size, unknown: this.#unknown.size }
  }

  /** Leaves alone what is not known yet. Never rejects. */
  stop(): Promise<void> {
    return this.#unknown.stop()
  }

  /**
   * Serializes at once, so that what the caller does to the object afterwards is no part of it.
   * @throws SerializationError, InvalidOptionError
   */
  prepare(id: SessionId, { content, ttl, device, ...choice }: SessionWrite): PreparedWrite {
    checkTtl(ttl)
    const { codec, settings } = this.#tiers
    const [text, since] = [codec.stringify(content), settings.clock.monotonic()]
    const { onConflict = settings.onConflict } = choice
    return { id, content, text, ttl, device, onConflict, writeId: newWriteId(), since }
  }

  /**
   * Commits a write, merged with what others committed meanwhile, and moves the cursor on.
   *
   * @throws {@link ConflictError}, {@link LedgerUnavailableError}, {@link InvalidRecordError}
   */
  async write(write: PreparedWrite, cursor: SessionCursor): Promise<WriteOutcome> {
    const met: Met = {}
    try {
      return await this.#write(write, cursor, met)
    } catch (error) {
      // Nothing will be put over what led into the conflict.
      if (met.record) await this.#news.disown(met.record, met.base)
      throw error
    }
  }

  async #write(write: PreparedWrite, cursor: SessionCursor, met: Met): Promise<WriteOutcome> {
    let proposal = await rebase(write, cursor.base, this.#tiers)
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (proposal === 'dropped') return 'dropped'
      if (attempt > 0) await pauseBefore(attempt, write.since, this.#tiers.ledger)
      const ticket = this.#tiers.near?.begin(write.id)
      const mode = proposal.base ? 'update' : await this.#announce(write.id)
      if (mode === 'gone') return this.#news.gone(write.id)
      const { base } = cursor
      const isCutOff = this.#isCutOff()
      // Of an id that is new no cache holds anything.
      const isNew = base === 'new' && !proposal.base
      const attempted = { write, cursor, proposal }
      const outcome = await this.#commit(attempted, isCutOff && !isNew)
      if (outcome.kind === 'committed') {
        await this.#committed(attempted, outcome.record, { ticket, mode, isCutOff })
        return 'written'
      }
      if (outcome.kind === 'gone') {
        if (base !== 'any' || outcome.revoked)
          return this.#news.foundGone(write.id, outcome.revoked)
        proposal = { ...proposal, base: undefined }
      } else {
        if (outcome.mayHoldIt && mergesInto(base)) {
          rememberUnknown(attempted)
          throw this.#doubt(write.id, proposal)
        }
        const upon = proposal.base
        proposal = await this.#settle(attempted, outcome.record)
        met.record = outcome.record
        if (upon && upon.version > (met.base?.version ?? 0)) met.base = upon
      }
    }
    throw new ConflictError(write.id)
  }

  /** Tells of a commit, and moves the cursor on. */
  async #committed(
    attempt: Attempt,
    record: SessionRecord,
    { ticket, mode, isCutOff }: Announced,
  ): Promise<void> {
    const { write, cursor, proposal } = attempt
    this.#unknown.end({ id: write.id, base: proposal.base })
    const next = nextBase(record, attempt)
    const told = await this.#news.committed(record, mode, isCutOff ? 'noted' : write.since)
    // Committed before the destroy that the cache knows of: nobody may remember it any more.
    if (told === 'gone') this.#tiers.near?.drop(write.id, MAX_VERSION)
    if (ticket && told === 'taken') this.#tiers.near?.keep(ticket, toNearEntry(next))
    moveOn(cursor, next)
  }

  async #commit(attempt: Attempt, repair: boolean): Promise<Outcome> {
    const change = this.#change(attempt, repair)
    try {
      return await this.#commits.submit(change)
    } catch (error) {
      if (error instanceof LedgerUnavailableError && this.#commits.wasSent(change)) {
        rememberUnknown(attempt)
        this.#unknown.follow(change)
      }
      throw error
    }
  }

  /** What was made once already must not be made again over what others thought of it since. */
  #doubt(id: SessionId, { base, above }: Proposal): LedgerUnavailableError {
    this.#unknown.note({ id, base, above })
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
  async #announce(id: SessionId): Promise<PutMode | 'gone' | undefined> {
    const token = randomUUID()
    const held = await this.#tiers.cache?.reserve(id, token)
    if (held?.kind === 'tombstone') return 'gone'
    return held?.kind === 'absent' ? { fill: token } : undefined
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
      if (base && next === 'dropped') await this.#news.disown(record, base)
    }
    // The change of identity that it gave way to may be the holder's own.
    if (next === 'dropped' && isMerged && cursor.unknown)
      throw this.#doubt(write.id, { base, above, ...proposed })
    return next
  }
}
