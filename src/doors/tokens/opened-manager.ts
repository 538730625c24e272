import { parseSessionId } from '../../core/session-id.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import type { SweepResult } from '../../engine/sweeper.js'
import type { AccessClaims, AccessTokens } from './access/access-tokens.js'
import { SessionError } from './errors.js'
import { checkListing, checkToken, type Inputs } from './inputs.js'
import { addressKey } from './limits/address-key.js'
import type { RateLimits } from './limits/rate-limits.js'
import type { RefreshTokens } from './refresh/refresh-tokens.js'
import type { Rotation } from './refresh/rotation.js'
import type { ActiveSession, SessionStatistics, TokenClaims } from './results.js'
import { activeSessions } from './sessions/active-sessions.js'
import type { Validated } from './sessions/live-sessions.js'
import type { Issued, TokenSessions } from './sessions/token-sessions.js'
import type { TokenUsers } from './sessions/token-users.js'

/** What an {@link OpenedManager} is made of. */
export interface ManagerParts {
  readonly engine: SessionEngine
  readonly inputs: Inputs
  readonly limits: RateLimits | undefined
  readonly access: AccessTokens
  readonly refresh: RefreshTokens
  readonly rotation: Rotation
  readonly sessions: TokenSessions
  readonly users: TokenUsers

  /** Closes what was opened for it. */
  readonly close: () => Promise<void>
}

/** The longest that a token may be good which nobody looks up, s. */
const LONGEST_UNSEEN = 900

/**
 * What a {@link SessionManager} does: input is checked first, then what is asked too often is refused,
 * then tokens are looked at, and only then is anybody asked. Its methods reject with what went wrong.
 */
export class OpenedManager {
  readonly engine: SessionEngine
  readonly #parts: ManagerParts

  constructor(parts: ManagerParts) {
    this.engine = parts.engine
    this.#parts = parts
  }

  async create(input: object): Promise<Issued> {
    const { inputs, limits, sessions } = this.#parts
    const beginning = inputs.begin(input)
    const { userId, ipAddress } = beginning
    // First, so that whoever is refused by it costs no user anything.
    if (ipAddress !== undefined) await limits?.count('createFromAddress', addressKey(ipAddress))
    await limits?.count('createOfUser', userId)
    return sessions.begin(beginning)
  }

  async validate(token: unknown, ip?: string): Promise<Validated> {
    const { access, sessions } = this.#parts
    const claims = await this.#ours(ip, () => access.verify(checkToken(token)))
    return sessions.validate(claims)
  }

  /** @throws {@link SessionError} where it is good for so long that it has to be looked up. */
  async verify(token: unknown, ip?: string): Promise<TokenClaims> {
    const claims = await this.#ours(ip, () => this.#parts.access.verify(checkToken(token)))
    if (claims.exp - claims.iat <= LONGEST_UNSEEN) return toClaims(claims)
    const message = 'A token that is good for more than 15 minutes has to be looked up'
    throw new SessionError('misconfigured', message)
  }

  async refresh(refreshToken: unknown, ip?: string): Promise<Issued> {
    const { limits, refresh, rotation } = this.#parts
    const token = await this.#ours(ip, async () => refresh.parse(checkToken(refreshToken)))
    await limits?.count('refresh', token.id)
    return rotation.refresh(token, ip)
  }

  /** Of either token, be it over: whoever wants out is let out (RFC 7009, 2.1). */
  async destroy(token: unknown): Promise<void> {
    const { access, refresh, sessions } = this.#parts
    const text = checkToken(token)
    const id = refresh.looksLikeOne(text)
      ? refresh.parse(text).id
      : (await access.verifyOver(text)).sid
    await sessions.end(id)
  }

  async revokeAll(input: object): Promise<number> {
    const { inputs, users } = this.#parts
    const { userId, options } = inputs.owner(input)
    return users.endSessions(userId, parseSessionId(options.except))
  }

  async list(input: object): Promise<ActiveSession[]> {
    return activeSessions(this.engine, checkListing(input).userId)
  }

  sweep(): Promise<SweepResult> {
    return this.engine.sweep()
  }

  async stats(): Promise<SessionStatistics> {
    const { active, expired, revoked, users, counts } = await this.engine.stats()
    return {
      activeSessions: active,
      expiredSessions: expired,
      revokedSessions: revoked,
      users,
      counts,
    }
  }

  close(): Promise<void> {
    return this.#parts.close()
  }

  /** Counts who brings tokens that are none. Who brings a good one is let in, whatever a neighbour does. */
  async #ours<T>(ip: string | undefined, look: () => Promise<T>): Promise<T> {
    try {
      return await look()
    } catch (error) {
      const isGuess = error instanceof SessionError && error.reason === 'invalid-token'
      if (isGuess && ip !== undefined)
        await this.#parts.limits?.count('invalidToken', addressKey(ip))
      throw error
    }
  }
}

function toClaims({ sub, org, sid, jti, iat, exp }: AccessClaims): TokenClaims {
  const [issuedAt, expiresAt] = [new Date(iat * 1_000), new Date(exp * 1_000)]
  return { userId: sub, orgId: org, sessionId: sid, tokenId: jti, issuedAt, expiresAt }
}
