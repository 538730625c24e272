/** A session as adapters give and take it. Times are epoch ms. */
export interface SessionData {
  readonly user_id: string
  readonly created_at: number
  readonly expires_at: number
  readonly ip: string
  readonly user_agent?: string
}

/** Where sessions are kept, by the id that a cookie holds. */
export interface SessionAdapter {
  /** `null` where none is live. */
  get(sessionId: string): Promise<SessionData | null>

  /**
   * Stores a session, for so many seconds from now. One that was deleted stays so.
   *
   * @param ttl - at least 1; `expires_at` follows from it.
   */
  set(sessionId: string, data: SessionData, ttl: number): Promise<void>

  /** Ends a session. Idempotent. */
  delete(sessionId: string): Promise<void>

  /** Lets a session live for so many seconds from now, if that is later; what has ended stays so. */
  extend(sessionId: string, ttl: number): Promise<void>
}
