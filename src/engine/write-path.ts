import { randomUUID } from 'node:crypto'
import { ConflictError, LedgerUnavailableError } from '../core/errors.js'
import type { Change, CommitOutcome } from '../core/ledger.js'
import type { SessionContent } from '../core/merge.js'
import type { Device, SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { GroupCommit } from './group-commit.js'
import type { SessionBase } from './loaded-session.js'
import { rebase, settleConflict } from './settle-conflict.js'
import type { Tiers } from './tiers.js'

const MOST_ATTEMPTS = 5

/**
 * What a change is built upon. A committed base: an update, which never brings back what is gone. `'new'`: an insert. `'any'`:
 * a caller from outside, whose content replaces whatever is there.
 */
export type WriteBase = SessionBase | 'new' | 'any'

/** Where the holder of a session stands; each write moves it on, so that the next one builds upon it. */
export interface SessionCursor {
  base: WriteBase
}

/** What a session is to become. */
export interface SessionWrite {
  readonly content: SessionContent

  /** Lifetime from now on, ms; zero or less ends the session. */
  readonly ttl: number
  readonly cursor: SessionCursor

  /** Remembered of whoever began the session, at its insert. */
  readonly device?: Device | undefined
}

/**
 * What became of a write. `gone`: the session had ended, nothing was written. `dropped`: somebody logged in or out of it
 * meanwhile, and what this request made of it gave way.
 */
export type WriteOutcome = 'written' | 'gone' | 'dropped'

/** A write whose content is text, as it was at the time of the call. */
export interface PreparedWrite {
  readonly id: SessionId
  readonly content: SessionContent
  readonly text: string
  readonly ttl: number
  readonly device: Device | undefined
  readonly writeId: string
}

/** What is proposed to the ledger, and upon which version. */
export interface Proposal {
  readonly content: SessionContent
  readonly text: string
  readonly version: number
  readonly ttl: number
}

/** Writes sessions: the ledger first, then the caches are told. */
export class WritePath {
  readonly #tiers: Tiers
  readonly #commits: GroupCommit

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#commits = new GroupCommit(tiers.ledger)
  }

  /** How many changes wait for the ledger. */
  get size(): number {
    return this.#commits.size
  }

  /** Serializes at once, so that what the caller does to the object afterwards is no part of it. @throws SerializationError */
  prepare(id: SessionId, { content, ttl, device }: SessionWrite): PreparedWrite {
    const text = this.#tiers.codec.stringify(content)
    return { id, content, text, ttl, device, writeId: randomUUID() }
  }

  /**
   * Commits a write, merged with what others committed meanwhile, and moves the cursor on.
   *
   * @throws {@link ConflictError}, {@link LedgerUnavailableError}, {@link InvalidRecordError}
   */
  async write(write: PreparedWrite, cursor: SessionCursor): Promise<WriteOutcome> {
    const { base } = cursor
    let proposal: Proposal | 'dropped' = await rebase(write, base, this.#tiers)
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (proposal === 'dropped') return 'dropped'
      const outcome = await this.#commit(this.#change(write, proposal))
      if (outcome.kind === 'committed') {
        await this.#tellCache(outcome.record, proposal)
        cursor.base = nextBase(outcome.record, proposal, write)
        return 'written'
      }
      if (outcome.kind === 'gone') {
        if (base !== 'any' || outcome.revoked) return this.#gone(write.id)
        proposal = { ...proposal, version: 0 }
      } else {
        proposal = await settleConflict({ write, base, record: outcome.record }, this.#tiers)
      }
    }
    throw new ConflictError(write.id)
  }

  /** A commit whose outcome is unknown may have happened: the cache must not hold what was there before for long. */
  async #commit(change: Change): Promise<CommitOutcome> {
    try {
      return await this.#commits.submit(change)
    } catch (error) {
      if (error instanceof LedgerUnavailableError && change.base > 0) {
        void this.#tiers.repairs?.note({ id: change.id, version: change.base + 1 })
      }
      throw error
    }
  }

  #change({ id, writeId, device }: PreparedWrite, proposal: Proposal): Change {
    const { codec, settings, cache } = this.#tiers
    return {
      id,
      base: proposal.version,
      writeId,
      data: codec.seal(id, proposal.text),
      ttl: Math.max(0, proposal.ttl),
      userId: settings.userId(proposal.content),
      device,
      absoluteTtl: settings.absoluteTtl,
      repair: cache !== undefined && !cache.isReachable,
    }
  }

  async #tellCache(record: SessionRecord, { version }: Proposal): Promise<void> {
    const { cache, metrics, repairs } = this.#tiers
    metrics.count('writes')
    if (!cache) return
    const wasReachable = cache.isReachable
    const isTold = await cache.put(record, version === 0 ? 'create' : 'update')
    if (!isTold && wasReachable) await repairs?.note(record)
  }

  #gone(id: SessionId): 'gone' {
    this.#tiers.events.emit('write-after-destroy', { id })
    return 'gone'
  }
}

function nextBase(record: SessionRecord, proposal: Proposal, write: PreparedWrite): SessionBase {
  const { id, version, expiresAt, absoluteExpiresAt } = record
  return { id, version, raw: proposal.text, seen: write.text, expiresAt, absoluteExpiresAt }
}
