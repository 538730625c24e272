import { SessionError } from '../../core/errors.js'

/** A variable of the environment is missing, malformed or refused. */
export class EnvironmentError extends SessionError {
  override readonly name = 'EnvironmentError'
  readonly code = 'ERR_ENVIRONMENT'

  constructor(
    /** Which one: `DATABASE_URL`, … Its value is told nowhere. */
    readonly variable: string,
    problem: string,
  ) {
    super(`The environment variable ${variable} ${problem}`)
  }
}

/** What was said of a user can not be stored. */
export class InvalidUserError extends SessionError {
  override readonly name = 'InvalidUserError'
  readonly code = 'ERR_INVALID_USER'

  constructor(
    /** Which field. */
    readonly field: string,
    problem: string,
  ) {
    super(`The user's ${field} ${problem}`)
  }
}

/** Another user has this e-mail address, be it in other letters. */
export class EmailTakenError extends SessionError {
  override readonly name = 'EmailTakenError'
  readonly code = 'ERR_EMAIL_TAKEN'

  constructor(cause?: unknown) {
    super('Another user has this e-mail address', { cause })
  }
}

/** There is no such user, or a disabled one: no session begins. */
export class UnknownUserError extends SessionError {
  override readonly name = 'UnknownUserError'
  readonly code = 'ERR_UNKNOWN_USER'

  constructor() {
    super('There is no such user, or the user is disabled')
  }
}

/** The user has as many sessions as `maxSessionsPerUser` allows, and is to end one first. */
export class TooManySessionsError extends SessionError {
  override readonly name = 'TooManySessionsError'
  readonly code = 'ERR_TOO_MANY_SESSIONS'

  constructor(
    /** How many are allowed. */
    readonly limit: number,
  ) {
    super(`The user has ${limit} sessions already, which is as many as are allowed`)
  }
}

/** All sessions of the user were ended while this login was under way: it has to begin anew. */
export class LoginSupersededError extends SessionError {
  override readonly name = 'LoginSupersededError'
  readonly code = 'ERR_LOGIN_SUPERSEDED'

  constructor() {
    super('All sessions of the user were ended while the login was under way')
  }
}

/** Users could not be looked up or stored: what keeps them does not answer. */
export class UsersUnavailableError extends SessionError {
  override readonly name = 'UsersUnavailableError'
  readonly code = 'ERR_USERS_UNAVAILABLE'

  constructor(
    /** What was asked: `find`, `create`, … */
    readonly operation: string,
    cause: unknown,
  ) {
    super(`The users could not be reached to ${operation} one`, { cause })
  }
}

/** A request does not say clearly which session it is of; what it said is told nowhere. */
export class CredentialError extends SessionError {
  override readonly name = 'CredentialError'
  readonly code = 'ERR_CREDENTIAL'

  constructor(problem: string) {
    super(`The request ${problem}`)
  }
}

/**
 * Whether an error says that nobody could tell, because something is away: a door then answers 503,
 * and leaves the cookie where it is.
 */
export function isOutage(error: unknown): boolean {
  // By code: after a hot reload there may be two classes of each name.
  return error instanceof Error && OUTAGES.has((error as { code?: unknown }).code)
}

const OUTAGES: ReadonlySet<unknown> = new Set<SessionError['code']>([
  'ERR_LEDGER_UNAVAILABLE',
  'ERR_USERS_UNAVAILABLE',
  'ERR_CLOSED',
])
