import type { EngineCounts } from '../../engine/metrics.js'
import type { Permission } from './permissions.js'
import type { SessionError } from './errors.js'

/** Whose token it is, as the directory of users has it now. */
export interface TokenUser {
  readonly id: string
  readonly orgId: string
  readonly role?: string

  /** Of its role, and its own. */
  readonly permissions: readonly Permission[]
}

/** The session that a token names. */
export interface TokenSession {
  /** The public id: lists show it, and it lets nobody in. */
  readonly id: string
  readonly createdAt: Date

  /** When it ends unless it is refreshed. */
  readonly expiresAt: Date

  /** When it ends however often it is refreshed. */
  readonly endsAt: Date
  readonly deviceId?: string
  readonly ip?: string
}

/** An access token, and the refresh token for the next one. */
export interface TokenPair {
  /** The access token, a JWT. */
  readonly token: string

  /** When the access token expires. */
  readonly expiresAt: Date

  /** Good for one use. */
  readonly refreshToken: string
}

/** What became of it: `success` tells. */
export type Result<Value extends object> =
  ({ readonly success: true } & Value) | { readonly success: false; readonly error: SessionError }

/** A session that is live, as {@link SessionManager.getActiveSessions} lists it. */
export interface ActiveSession {
  /** The public id: it lets nobody in. */
  readonly id: string
  readonly userId?: string

  /** Of a session of this door. */
  readonly orgId?: string
  readonly deviceId?: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly ip?: string
  readonly userAgent?: string
}

/** What a token that was not looked up says. */
export interface TokenClaims {
  readonly userId: string
  readonly orgId: string

  /** The session's public id. */
  readonly sessionId: string
  readonly tokenId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** Counts of sessions, of this engine's context. */
export interface SessionStatistics {
  readonly activeSessions: number

  /** Over, and not swept yet. */
  readonly expiredSessions: number

  /** Ended, and remembered as such. */
  readonly revokedSessions: number

  /** Different users among the active ones. */
  readonly users: number

  /** What this process has done since it started. */
  readonly counts: EngineCounts
}
