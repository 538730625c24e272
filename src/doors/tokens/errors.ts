import { SessionError as HoldfastError } from '../../core/errors.js'

/** What kind of failure a {@link SessionError} is. */
export const SessionErrorType = Object.freeze({
  /** What was given is malformed. */
  VALIDATION_ERROR: 'VALIDATION_ERROR',

  /** Nobody is logged in: no token, or a user who is not there or is let in nowhere. */
  AUTHENTICATION_ERROR: 'AUTHENTICATION_ERROR',

  /** The user may not do that, or not now. */
  AUTHORIZATION_ERROR: 'AUTHORIZATION_ERROR',

  /** What keeps sessions or users does not answer, so that nobody can tell. */
  DATABASE_ERROR: 'DATABASE_ERROR',

  /** What is stored can not be decrypted. */
  ENCRYPTION_ERROR: 'ENCRYPTION_ERROR',

  /** The token is none, is over, or names a session that has ended. */
  TOKEN_ERROR: 'TOKEN_ERROR',

  /** All else: a setting is missing or refused, something was closed, a mistake. */
  SYSTEM_ERROR: 'SYSTEM_ERROR',
} as const)

/** What kind of failure a {@link SessionError} is. */
export type SessionErrorType = (typeof SessionErrorType)[keyof typeof SessionErrorType]

const REASONS = {
  'invalid-input': 'VALIDATION_ERROR',
  'no-token': 'AUTHENTICATION_ERROR',
  'unknown-user': 'AUTHENTICATION_ERROR',
  'disabled-user': 'AUTHENTICATION_ERROR',
  'login-superseded': 'AUTHENTICATION_ERROR',
  'missing-permission': 'AUTHORIZATION_ERROR',
  'other-organization': 'AUTHORIZATION_ERROR',
  'rate-limited': 'AUTHORIZATION_ERROR',
  unavailable: 'DATABASE_ERROR',
  'not-decryptable': 'ENCRYPTION_ERROR',
  'invalid-token': 'TOKEN_ERROR',
  'expired-token': 'TOKEN_ERROR',
  'ended-session': 'TOKEN_ERROR',
  'reused-token': 'TOKEN_ERROR',
  misconfigured: 'SYSTEM_ERROR',
  closed: 'SYSTEM_ERROR',
  unexpected: 'SYSTEM_ERROR',
} as const satisfies Readonly<Record<string, SessionErrorType>>

/** Why exactly, for programs to compare; each is of one {@link SessionErrorType}. */
export type SessionErrorReason = keyof typeof REASONS

/** What a {@link SessionError} may say besides. */
export interface SessionErrorDetails {
  readonly cause?: unknown
  readonly retryAfter?: number | undefined
  readonly permission?: string | undefined
}

/**
 * What a {@link SessionManager} fails with. No token, secret or value that was given is part of it; its
 * `cause` is the error of what failed underneath.
 *
 * In Express it may go to `next`: `status` and `headers` are what the default handler looks at.
 */
export class SessionError extends HoldfastError {
  override readonly name = 'SessionError'
  readonly code = 'ERR_TOKEN_SESSION'
  readonly type: SessionErrorType

  /** When to ask again, ms from now; where `reason` is `'rate-limited'`. */
  declare readonly retryAfter?: number

  /** Which one is missing; where `reason` is `'missing-permission'`. */
  declare readonly permission?: string

  constructor(
    readonly reason: SessionErrorReason,
    message: string,
    { cause, retryAfter, permission }: SessionErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.type = REASONS[reason]
    if (retryAfter !== undefined) this.retryAfter = retryAfter
    if (permission !== undefined) this.permission = permission
  }

  /** The HTTP status to answer with. */
  get status(): number {
    return this.reason === 'rate-limited' ? 429 : STATUS[this.type]
  }

  /** The HTTP headers to answer with (RFC 6750, 3; RFC 9110, 10.2.3). */
  get headers(): Readonly<Record<string, string>> {
    if (this.retryAfter !== undefined) {
      return { 'Retry-After': String(Math.ceil(this.retryAfter / 1_000)) }
    }
    if (this.reason === 'no-token') return { 'WWW-Authenticate': 'Bearer' }
    if (this.status === 401) return { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
    if (this.permission === undefined) return {}
    const scope = `error="insufficient_scope", scope="${this.permission}"`
    return { 'WWW-Authenticate': `Bearer ${scope}` }
  }
}

const STATUS: Readonly<Record<SessionErrorType, number>> = {
  VALIDATION_ERROR: 400,
  AUTHENTICATION_ERROR: 401,
  TOKEN_ERROR: 401,
  AUTHORIZATION_ERROR: 403,
  DATABASE_ERROR: 503,
  ENCRYPTION_ERROR: 500,
  SYSTEM_ERROR: 500,
}

/** Takes whatever was thrown, be it made to throw; what is underneath is told by its `code`. */
export function toSessionError(error: unknown): SessionError {
  try {
    if (error instanceof SessionError) return error
    const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined
    const [reason, message] = UNDERNEATH.get(code) ?? UNEXPECTED
    return new SessionError(reason, message, { cause: error })
  } catch {
    return new SessionError(...UNEXPECTED, { cause: error })
  }
}

type Told = readonly [reason: SessionErrorReason, message: string]

const UNEXPECTED: Told = ['unexpected', 'The operation failed']
const AWAY: Told = ['unavailable', 'The sessions could not be reached']
const SEALED: Told = ['not-decryptable', 'The stored session can not be decrypted']

const UNDERNEATH: ReadonlyMap<unknown, Told> = new Map<unknown, Told>([
  ['ERR_LEDGER_UNAVAILABLE', AWAY],
  ['ERR_MIGRATION_REQUIRED', ['unavailable', 'The tables are missing: apply the migrations']],
  ['ERR_INVALID_RECORD', ['unavailable', 'The session was refused by what keeps it']],
  ['ERR_CONFLICT', ['unavailable', 'Too many requests changed the session at once']],
  ['ERR_DECRYPTION', SEALED],
  ['ERR_UNKNOWN_KEY', SEALED],
  ['ERR_INVALID_OPTION', ['misconfigured', 'The session manager is misconfigured']],
  ['ERR_CLOSED', ['closed', 'The session manager is closed']],
])
