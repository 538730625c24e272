import type { CreateUserData, UpdateUserData, User } from './user.js'

/** Who begins a session. */
export interface SessionMetadata {
  /** The visitor's address; at most 64 characters are kept. */
  readonly ip: string

  /** At most 512 characters are kept. */
  readonly userAgent?: string | undefined

  /**
   * The user's `sessionEpoch` as the login found it, before it looked at the password: the session
   * does not begin if all sessions of the user were ended since. Default: as it is when the session
   * begins.
   */
  readonly sessionEpoch?: number | undefined
}

/** One of a user's sessions, as the user may see it. */
export interface UserSession {
  /** The public id, by which it is revoked; never what the cookie holds. */
  readonly id: string

  /** Whether it is the session that asks. */
  readonly isCurrent: boolean
  readonly ip?: string
  readonly userAgent?: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
}

/** The sessions of users. Ids are what cookies hold, unless they are called public. */
export interface SessionManagerInterface {
  /**
   * Begins a session, and gives its id for the cookie.
   *
   * @param ttlSeconds - how long it lives, at least 1. Default: `AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS`.
   * @throws {@link UnknownUserError} where there is no such user, or a disabled one;
   * {@link TooManySessionsError}; {@link LoginSupersededError}.
   */
  createSession(userId: string, metadata: SessionMetadata, ttlSeconds?: number): Promise<string>

  /** Ends a session. Idempotent. */
  deleteSession(sessionId: string): Promise<void>

  /**
   * Lets a session live for so many seconds from now, if that is later than its end; never past the
   * absolute limit. What has ended stays so.
   */
  extendSession(sessionId: string, ttlSeconds: number): Promise<void>

  /** A user's live sessions, the newest first. */
  listSessions(userId: string, currentSessionId?: string): Promise<UserSession[]>

  /** Ends one of the user's sessions by its public id; `false` where it is not the user's, or not live. */
  revokeSession(userId: string, publicId: string): Promise<boolean>

  /** Ends all sessions of the user but this one, and answers how many there were. */
  revokeOtherSessions(userId: string, currentSessionId: string): Promise<number>

  /**
   * Ends all sessions of the user, those that are just beginning included, and answers how many
   * there were.
   */
  revokeAllSessions(userId: string): Promise<number>
}

/** What somebody says who wants to be let in. */
export interface Credentials extends Omit<SessionMetadata, 'sessionEpoch'> {
  readonly email: string
  readonly password: string

  /** How long the session lives. Default: `AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS`. */
  readonly ttlSeconds?: number | undefined
}

/** Who was let in, and the id for the cookie. */
export interface Login {
  readonly user: User
  readonly sessionId: string
}

/** Users and their sessions: what every manager does. */
export interface UserManagerInterface extends SessionManagerInterface {
  findByEmail(email: string): Promise<User | undefined>
  findById(id: string): Promise<User | undefined>

  /**
   * Whose live session this is. Nobody's where the user is disabled, or is no more.
   *
   * @throws {@link LedgerUnavailableError}, {@link UsersUnavailableError}: that is no "nobody".
   */
  findBySessionId(sessionId: string): Promise<User | undefined>

  /** @throws {@link EmailTakenError}, {@link InvalidUserError} */
  create(userData: CreateUserData): Promise<User>

  /** `null` where there is no such user. A user who becomes disabled has all sessions ended. */
  update(id: string, updateData: UpdateUserData): Promise<User | null>

  /** Deletes a user and ends all of their sessions; whether there was one. */
  delete(id: string): Promise<boolean>

  /**
   * Begins a session for who knows the password; `undefined` for anybody else, after the same work
   * whether there is such a user or not. What was hashed by parameters that are no longer today's is
   * hashed anew.
   *
   * @throws {@link LoginSupersededError} where all sessions of the user were ended meanwhile,
   * {@link TooManySessionsError}.
   */
  login(credentials: Credentials): Promise<Login | undefined>

  /** All users, oldest first. */
  getAll(): Promise<User[]>
  count(): Promise<number>
}
