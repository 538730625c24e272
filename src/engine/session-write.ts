import type { SessionContent } from '../core/merge.js'
import type { CommitName, Device } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import type { EngineSettings } from '../core/session-options.js'
import type { SessionBase } from './loaded-session.js'

/**
 * What a change is built upon. A committed base: an update, which never brings back what is gone.
 * `'new'`: an insert. `'absent'`: an insert that gives way to whatever is there. `'any'`: a caller
 * from outside, whose content replaces it.
 */
export type WriteBase = SessionBase | 'new' | 'absent' | 'any'

/**
 * Where the holder of a session stands; each write moves it on, so that the next one builds upon
 * it.
 */
export interface SessionCursor {
  base: WriteBase

  /**
   * The writes since then of which nobody knows whether they were committed, the newest last. Kept by
   * the engine: should one be met in the ledger, it is the holder's own.
   */
  unknown?: readonly UnknownWrite[]
}

/** A write without a reply. */
export interface UnknownWrite {
  readonly writeId: string

  /** As in {@link SessionBase}, if it was committed. */
  readonly raw: string
  readonly seen: string
}

/** What a session is to become. */
export interface SessionWrite {
  readonly content: SessionContent

  /** Lifetime from now on, ms; zero or less ends the session. */
  readonly ttl: number
  readonly cursor: SessionCursor

  /** Remembered of whoever began the session, at its insert. */
  readonly device?: Device | undefined

  /** What happens where somebody else changed the session. Default: the engine's `onConflict`. */
  readonly onConflict?: EngineSettings['onConflict'] | undefined
}

/**
 * What became of a write. `written`: the ledger has it, though the session may be ending meanwhile.
 * `gone`: the session had ended, and nothing was written. `dropped`: somebody logged in or out of it
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
  readonly onConflict: EngineSettings['onConflict']
  readonly writeId: string

  /** When it came, monotonic ms. */
  readonly since: number
}

/** What is proposed to the ledger, and upon which commit. */
export interface Proposal {
  readonly content: SessionContent
  readonly text: string
  readonly ttl: number

  /** None for an insert. */
  readonly base: CommitName | undefined

  /** The highest version that was seen on the way, which the ledger may have lost since. */
  readonly above: number
}
