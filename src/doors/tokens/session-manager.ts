import type { Listener } from '../../core/events.js'
import { processWide } from '../../core/process-wide.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import type { SweepResult } from '../../engine/sweeper.js'
import { SessionError, type SessionErrorType } from './errors.js'
import { addressOf, checkPermissionName } from './inputs.js'
import { LazyManager } from './lazy-manager.js'
import type { Logger } from './logger.js'
import { checkPermission, type Permission } from './permissions.js'
import type { ActiveSession, Result, SessionStatistics, TokenClaims, TokenUser } from './results.js'
import type { SessionManagerOptions } from './session-manager-options.js'
import type { Validated } from './sessions/live-sessions.js'
import type { Issued } from './sessions/token-sessions.js'

/** Who asks. */
export interface Visitor {
  /** By which tokens that are none are counted; what is no IP address counts as none. */
  readonly ip?: string | undefined
}

/** Whose session is to begin: ids are UUIDs unless `idSchema` says otherwise. */
export type CreateSessionArguments = readonly [
  userId: string,
  orgId: string,
  deviceId?: string | undefined,
  ipAddress?: string | undefined,
  options?: CreateSessionOptions | undefined,
]

/** What else is known of a login. */
export interface CreateSessionOptions {
  /**
   * The user's `sessionEpoch` before the password was looked at: a login that is under way while all
   * sessions are ended does not survive it then. Default: the one of now.
   */
  readonly sessionEpoch?: number | undefined
}

/**
 * Access and refresh tokens over the sessions of an engine.
 *
 * Whatever visitors do gives a {@link Result}: nothing of it rejects. What operators ask (statistics,
 * lists, cleanup) rejects with a {@link SessionError}. Nothing is opened, and no setting looked at,
 * before the first of these is called; what failed then is tried again at the next call.
 */
export class SessionManager {
  readonly #manager: LazyManager

  /** The one of this process. */
  static get instance(): SessionManager {
    return processWide('session-manager', () => new SessionManager())
  }

  /** @throws {@link InvalidOptionError} */
  constructor(options: SessionManagerOptions = {}) {
    this.#manager = new LazyManager(options)
  }

  /**
   * Takes other options from the next call on; what was opened before is closed.
   *
   * @throws {@link InvalidOptionError}
   */
  configure(options: SessionManagerOptions): void {
    this.#manager.configure(options)
  }

  /** Reports to this logger from now on. */
  setLogger(logger: Logger): void {
    this.#manager.reporter.use(logger)
  }

  /** Calls `listener` at each theft of a refresh token, until the function that is returned is called. */
  on(name: 'token.theft', listener: Listener<'token.theft'>): () => void {
    return this.#manager.events.on(name, listener)
  }

  /** Begins a session: the user is logged in, whoever has made sure of that. */
  createSession(...args: CreateSessionArguments): Promise<Result<Issued>> {
    const [userId, orgId, deviceId, ipAddress, options] = args
    return this.#manager.result(['info', 'A session began'], (manager) =>
      manager.create({ userId, orgId, deviceId, ipAddress, options }),
    )
  }

  /** Whose access token it is, as of now: an ended session or a disabled user fails at once. */
  validateSession(token: string, visitor?: Visitor): Promise<Result<Validated>> {
    return this.#manager.result(['debug', 'A token was validated'], (manager) =>
      manager.validate(token, addressOf(visitor)),
    )
  }

  /**
   * What an access token says, without a look at its session: it may have ended. Only for tokens that
   * are good for 15 minutes at most.
   */
  verifyToken(token: string, visitor?: Visitor): Promise<Result<{ readonly claims: TokenClaims }>> {
    return this.#manager.result(['debug', 'A token was verified'], async (manager) => ({
      claims: await manager.verify(token, addressOf(visitor)),
    }))
  }

  /**
   * The next pair of tokens. The refresh token is good for one use; whoever uses it again within
   * `retryWithin` gets the same pair, and after that its session ends for everybody.
   */
  refreshSession(refreshToken: string, visitor?: Visitor): Promise<Result<Issued>> {
    return this.#manager.result(['debug', 'A session was refreshed'], (manager) =>
      manager.refresh(refreshToken, addressOf(visitor)),
    )
  }

  /** Ends the session that a token names, be it an access token, one that is over, or a refresh token. */
  destroySession(token: string): Promise<Result<object>> {
    return this.#manager.result(['info', 'A session was ended'], async (manager) => {
      await manager.destroy(token)
      return {}
    })
  }

  /** As {@link SessionManager.validateSession}, of the user alone. */
  getUserFromToken(token: string): Promise<Result<{ readonly user: TokenUser }>> {
    return this.#manager.result(['debug', 'A token was validated'], async (manager) => {
      const { user } = await manager.validate(token)
      return { user }
    })
  }

  /**
   * Whether whoever has this token may do that, now.
   *
   * @throws {@link SessionError} where nobody can tell, and where it is no permission: that is no "no".
   */
  async hasPermission(token: string, permission: Permission): Promise<boolean> {
    try {
      await this.requirePermission(token, permission)
      return true
    } catch (error) {
      if (error instanceof SessionError && REFUSALS.has(error.type)) return false
      throw error
    }
  }

  /**
   * Whose token it is, if they may do that.
   *
   * @throws {@link SessionError}: AUTHORIZATION_ERROR where they may not.
   */
  async requirePermission(token: string, permission: Permission): Promise<TokenUser> {
    return this.#manager.ask(async (manager) => {
      const wanted = checkPermissionName(permission)
      const { user } = await manager.validate(token)
      checkPermission(user.permissions, wanted)
      return user
    })
  }

  /**
   * Ends all sessions of a user at all doors, logins under way included where `users` counts epochs.
   *
   * @param options - `except`: the public id (`session.id`) of the one that stays.
   */
  revokeAllSessions(
    userId: string,
    options: { readonly except?: string | undefined } = {},
  ): Promise<Result<{ readonly revoked: number }>> {
    return this.#manager.result(['info', 'All sessions of a user were ended'], async (manager) => ({
      revoked: await manager.revokeAll({ userId, options }),
    }))
  }

  /** Deletes what has expired, now; that is done each hour anyway. @throws {@link SessionError} */
  cleanupExpiredSessions(): Promise<SweepResult> {
    return this.#manager.ask((manager) => manager.sweep())
  }

  /** Counts of sessions, of every door of the engine. @throws {@link SessionError} */
  getSessionStats(): Promise<SessionStatistics> {
    return this.#manager.ask((manager) => manager.stats())
  }

  /**
   * All sessions that are live, of every door of the engine, or of one user. Each is read.
   *
   * @throws {@link SessionError}
   */
  getActiveSessions(
    options: { readonly userId?: string | undefined } = {},
  ): Promise<ActiveSession[]> {
    return this.#manager.ask((manager) => manager.list(options))
  }

  /** Resolves once sessions can begin. May be asked again. @throws {@link SessionError} */
  ready(): Promise<void> {
    return this.#manager.ask((manager) => manager.engine.ready())
  }

  /** The engine under this manager, for other doors to share. @throws {@link SessionError} */
  engine(): Promise<SessionEngine> {
    return this.#manager.ask(async (manager) => manager.engine)
  }

  /** Closes all that was opened for this manager. Idempotent. @throws {@link SessionError} */
  close(): Promise<void> {
    return this.#manager.close()
  }
}

/** What says "no". */
const REFUSALS: ReadonlySet<SessionErrorType> = new Set<SessionErrorType>([
  'TOKEN_ERROR',
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR',
])

/** {@link SessionManager.instance}. */
export const sessionManager: SessionManager = SessionManager.instance
