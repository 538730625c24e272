import type { SessionEngine } from '../../../engine/session-engine.js'
import type { AccessClaims, AccessTokens } from '../access/access-tokens.js'
import { tokenIdOf, type RefreshTokens } from '../refresh/refresh-tokens.js'
import type { IssuedToken, TokenFamily } from '../refresh/token-family.js'
import type { TokenPair } from '../results.js'
import type { TokenSettings } from '../session-manager-options.js'

/** What {@link TokenPairs} work with. */
export interface TokenPairsOptions {
  readonly engine: SessionEngine
  readonly access: AccessTokens
  readonly refresh: RefreshTokens
  readonly settings: Pick<TokenSettings, 'accessTtl' | 'refreshTtl' | 'absoluteTtl'>
}

/** Whose pair it is. */
export interface PairOwner {
  readonly userId: string
  readonly orgId: string
  readonly tokens: Pick<TokenFamily, 'endsAt'>
}

/**
 * Pairs of tokens, and how long they are good. All of a pair follows from its refresh token and the time
 * at which that was issued, so that a retry is given the same pair wherever it comes.
 */
export class TokenPairs {
  readonly #options: TokenPairsOptions

  constructor(options: TokenPairsOptions) {
    this.#options = options
  }

  /** When a session that begins now ends at the latest, in the ledger's time. */
  endOf(begunAt: number): number {
    const { engine, settings } = this.#options
    return begunAt + Math.min(settings.absoluteTtl, engine.settings.absoluteTtl ?? Infinity)
  }

  /** How long a session lives on once it was refreshed, ms. */
  lifetimeFrom(issuedAt: number, endsAt: number): number {
    return Math.min(this.#options.settings.refreshTtl, endsAt - issuedAt)
  }

  async pairOf({ userId, orgId, tokens }: PairOwner, issued: IssuedToken): Promise<TokenPair> {
    const { access, refresh, settings } = this.#options
    const { token, issuedAt } = issued
    const lifetime = Math.min(settings.accessTtl, this.lifetimeFrom(issuedAt, tokens.endsAt))
    const claims: AccessClaims = {
      ...{ sub: userId, org: orgId, sid: token.id, jti: tokenIdOf(token) },
      iat: Math.floor(issuedAt / 1_000),
      exp: Math.floor((issuedAt + lifetime) / 1_000),
    }
    return {
      token: await access.sign(claims),
      expiresAt: new Date(claims.exp * 1_000),
      refreshToken: refresh.format(token),
    }
  }
}
