import { randomBytes } from 'node:crypto'
import { toDevice } from '../../../core/device.js'
import { parseSessionId, toSessionId, type SessionId } from '../../../core/session-id.js'
import { LastSeen } from '../../../engine/last-seen.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import type { AccessClaims } from '../access/access-tokens.js'
import { SessionError } from '../errors.js'
import type { Beginning } from '../inputs.js'
import { firstToken } from '../refresh/refresh-tokens.js'
import { beginFamily } from '../refresh/token-family.js'
import type { TokenPair } from '../results.js'
import type { LedgerTime } from './ledger-time.js'
import { ended, type LiveSession, type LiveSessions, type Validated } from './live-sessions.js'
import { toTokenContent } from './token-content.js'
import type { TokenPairs } from './token-pairs.js'
import type { TokenUsers } from './token-users.js'

/** What {@link TokenSessions} work with. */
export interface TokenSessionsOptions {
  readonly engine: SessionEngine
  readonly time: LedgerTime
  readonly users: TokenUsers
  readonly live: LiveSessions
  readonly pairs: TokenPairs
}

/** A pair of tokens, and whose it is. */
export interface Issued extends TokenPair, Validated {}

/** Sessions that tokens name: they begin, are looked up, and end. */
export class TokenSessions {
  readonly #options: TokenSessionsOptions
  readonly #lastSeen: LastSeen

  constructor(options: TokenSessionsOptions) {
    this.#options = options
    this.#lastSeen = new LastSeen(options.engine)
  }

  /** Begins a session, and gives the first pair of its tokens. */
  async begin({ userId, orgId, deviceId, ipAddress, options }: Beginning): Promise<Issued> {
    const { engine, time, users, live, pairs } = this.#options
    await time.heard()
    const user = await users.admitted(userId, orgId)
    const sessionEpoch = options?.sessionEpoch ?? user.sessionEpoch ?? undefined
    // Nobody is ever told what this is the hash of: only tokens name the session.
    const id = toSessionId(String(engine.idOf(randomBytes(32).toString('base64url'))))
    const first = { token: firstToken(id), issuedAt: engine.now() }
    const endsAt = pairs.endOf(first.issuedAt)
    const device = toDevice({ ip: ipAddress })
    const content = toTokenContent(
      { userId, sessionEpoch, createdAt: engine.settings.clock.now(), ...device },
      { orgId, deviceId, tokens: beginFamily(first, endsAt) },
    )
    const ttl = pairs.lifetimeFrom(first.issuedAt, endsAt)
    await engine.write(id, { content, ttl, cursor: { base: 'new' }, device })
    const begun = await this.#confirmed(id)
    return { ...(await pairs.pairOf(begun.content, first)), ...live.shown(begun) }
  }

  /** Whose token it is, and the session that it names. */
  async validate({ sid, sub, org }: AccessClaims): Promise<Validated> {
    const { live } = this.#options
    const session = await live.find(idIn(sid))
    const { userId, orgId } = session.content
    if (userId !== sub || orgId !== org) throw ended()
    this.#lastSeen.note(session.loaded)
    return live.shown(session)
  }

  /** Ends a session. Idempotent. */
  async end(publicId: string): Promise<void> {
    await this.#options.engine.remove(idIn(publicId), 'logout')
  }

  /** Only what the directory confirms afterwards has begun: all sessions may have been ended meanwhile. */
  async #confirmed(id: SessionId): Promise<LiveSession> {
    try {
      return await this.#options.live.find(id)
    } catch (error) {
      await this.#options.engine.remove(id, 'not begun')
      if (!(error instanceof SessionError) || error.reason !== 'ended-session') throw error
      const message = 'All sessions of the user were ended while the login was under way'
      throw new SessionError('login-superseded', message)
    }
  }
}

/** An id that our own signature vouches for. */
function idIn(sid: string): SessionId {
  const id = parseSessionId(sid)
  if (id === undefined) throw ended()
  return id
}
