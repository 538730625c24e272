import type { SessionEvents } from '../../../core/events.js'
import { keepNewest } from '../../../engine/keep-newest.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { SessionError } from '../errors.js'
import type { LedgerTime } from '../sessions/ledger-time.js'
import { ended, type LiveSession, type LiveSessions } from '../sessions/live-sessions.js'
import { withFamily } from '../sessions/token-content.js'
import type { TokenPairs } from '../sessions/token-pairs.js'
import type { Issued } from '../sessions/token-sessions.js'
import { successorOf, type RefreshToken } from './refresh-tokens.js'
import { followedBy, standingOf, type IssuedToken } from './token-family.js'

/** What a {@link Rotation} works with. */
export interface RotationOptions {
  readonly engine: SessionEngine
  readonly time: LedgerTime
  readonly live: LiveSessions
  readonly pairs: TokenPairs

  /** For how long a token that was used gives its successor again, ms. */
  readonly retryWithin: number
}

/** Whoever loses so often against others who refresh the same session is told that it is too busy. */
const MOST_ATTEMPTS = 20
const MOST_REMEMBERED = 1_000

/**
 * Refreshes sessions: each refresh token is good for one use, and has one successor, however many use it
 * at once (RFC 9700, 4.14.2).
 */
export class Rotation {
  readonly #options: RotationOptions

  /** Thefts that were told, though the end of the session is not durable yet. */
  readonly #told = new Map<string, true>()

  constructor(options: RotationOptions) {
    this.#options = options
  }

  /**
   * The next pair. A token that was used a moment ago gives the same pair again; one that was used
   * before that ends the session, and is a `token.theft`.
   *
   * @throws {@link SessionError} of the type TOKEN_ERROR, and what {@link LiveSessions.find} throws.
   */
  async refresh(token: RefreshToken, ip?: string): Promise<Issued> {
    const { engine, time, live, retryWithin } = this.#options
    await time.heard()
    let wasCurrent = false
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const session = await live.find(token.id, attempt === 0 ? 'anywhere' : 'ledger')
      const { tokens } = session.content
      const retryFrom = engine.now() - retryWithin
      const standing = standingOf(token, tokens, retryFrom)
      if (standing.kind === 'retry') return this.#issued(session, standing.successor)
      if (standing.kind === 'reused') {
        // Whoever came while it was good, and was overtaken twice, has not come again.
        if (wasCurrent && tokens.issuedAt >= retryFrom) throw reused()
        throw await this.#endStolen(session, token, ip)
      }
      if (standing.kind === 'current') {
        wasCurrent = true
        const rotated = await this.#rotate(session, token)
        if (rotated) return rotated
      } else if (attempt > 0) {
        // A cache may have been behind; the ledger is not.
        throw new SessionError('invalid-token', 'The refresh token is none of this session')
      }
    }
    throw new SessionError('unavailable', 'Too many requests refresh the session at once')
  }

  /** `undefined` where somebody else has changed the session since it was read. */
  async #rotate(session: LiveSession, token: RefreshToken): Promise<Issued | undefined> {
    const { engine, pairs } = this.#options
    const { loaded, content } = session
    const successor = { token: successorOf(token), issuedAt: engine.now() }
    const tokens = followedBy(content.tokens, successor)
    const ttl = pairs.lifetimeFrom(successor.issuedAt, tokens.endsAt)
    const cursor = { base: loaded }
    const change = { content: withFamily(loaded.content, tokens), ttl, cursor }
    try {
      const outcome = await engine.write(loaded.id, { ...change, onConflict: 'reject' })
      if (outcome === 'gone') throw ended()
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_CONFLICT') return undefined
      throw error
    }
    return this.#issued({ ...session, loaded: { ...loaded, ...cursor.base } }, successor)
  }

  async #issued(session: LiveSession, issued: IssuedToken): Promise<Issued> {
    const { live, pairs } = this.#options
    return { ...(await pairs.pairOf(session.content, issued)), ...live.shown(session) }
  }

  /** Somebody else has the token as well, and nobody can tell which of the two is the thief. */
  async #endStolen(
    { loaded, content }: LiveSession,
    { generation }: RefreshToken,
    ip?: string,
  ): Promise<SessionError> {
    const { engine } = this.#options
    const { id } = loaded
    const theft = { id, userId: content.userId, generation, newest: content.tokens.generation, ip }
    try {
      if (await engine.remove(id, 'a refresh token was used again')) this.#tell(theft)
    } catch (error) {
      this.#tell(theft)
      throw error
    }
    return reused()
  }

  #tell(theft: SessionEvents['token.theft']): void {
    if (this.#told.has(theft.id)) return
    keepNewest(this.#told, [theft.id, true], MOST_REMEMBERED)
    this.#options.engine.emit('token.theft', theft)
  }
}

function reused(): SessionError {
  return new SessionError('reused-token', 'The refresh token was used before')
}
