import type { SessionId } from './session-id.js'

/**
 * This process's own memory of sessions: what was read or committed here lately, as far as it can
 * still be believed. It answers at once or not at all, and never fails.
 */
export interface NearTier {
  /** Names it in events and metrics. */
  readonly name: string

  /** How many sessions are held, be they believed or not. */
  readonly size: number

  /** What is remembered of this id, if it can be believed. */
  get(id: SessionId): NearEntry | undefined

  /** To be called before anything is asked of the cache or of the ledger, in a read and in a commit. */
  begin(id: SessionId): NearTicket

  /**
   * Remembers what a read found, or a commit made, since the ticket was taken; whatever is held that
   * is lower is forgotten in any case, and so is another commit of the version: of the two neither is
   * believed (protocol rule 13). Nothing is kept if the bus was not healthy all the time, if
   * something higher is held or was heard of, or if it took longer than messages are remembered.
   */
  keep(ticket: NearTicket, entry: NearEntry): void

  /**
   * Takes a message, heard or of this process's own: what is held of this id below this version is
   * old, and so is what any read under way brings.
   */
  drop(id: SessionId, version: number): void

  /**
   * Moves the expiry of what is held of this version later, never earlier and never past the absolute
   * one.
   */
  touch(id: SessionId, touched: { version: number; expiresAt: number }): void

  /** Holds nothing from now on. Idempotent. */
  close(): void
}

/** A committed version of a session, as this process remembers it. */
export interface NearEntry {
  readonly id: SessionId
  readonly version: number
  readonly writeId: string

  /** The session as text, to be parsed anew by each reader: no object is ever shared. */
  readonly raw: string

  /** Epoch ms in the ledger's time. */
  readonly expiresAt: number
  readonly absoluteExpiresAt: number | undefined
}

/** Says when a read, or a commit, began: what it brings is not kept if it was overtaken since. */
export interface NearTicket {
  readonly id: SessionId
  readonly epoch: number

  /** Monotonic ms. */
  readonly begunAt: number
}
