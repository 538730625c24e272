import { ClosedError, InvalidOptionError } from '../../../core/errors.js'
import { toContent } from '../../../core/user-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { AUTH_CONSTANTS } from '../constants.js'
import { hashPassword, verifyPassword } from '../passwords/passwords.js'
import { SessionLimit, type OnTooManySessions } from '../sessions/session-limit.js'
import { fromSeconds } from '../sessions/ttl.js'
import { UserSessions } from '../sessions/user-sessions.js'
import type { CreateUserData, UpdateUserData, User } from '../user.js'
import type {
  Credentials,
  Login,
  SessionMetadata,
  UserManagerInterface,
  UserSession,
} from '../user-manager.js'
import type { DatabaseAdapter, UserRepository } from '../user-repository.js'

/** What a manager is made of. */
export interface UserManagerOptions extends DatabaseAdapter {
  /** Where sessions are; `new EngineStore(engine)` of 'holdfast/express' shows them to Express. */
  readonly engine: SessionEngine

  /** How many sessions a user may have at once. Default: any number. */
  readonly maxSessionsPerUser?: number | undefined

  /** What happens to a login that would be one too many. Default: `'end-oldest'`. */
  readonly onTooManySessions?: OnTooManySessions | undefined

  /** Closes what was opened for this manager. Default: nothing, what was handed in stays open. */
  readonly close?: (() => Promise<void>) | undefined
}

/** Users of a repository, and their sessions in an engine. */
export class EngineUserManager implements UserManagerInterface {
  /** The engine under this manager, for other doors to share. */
  readonly engine: SessionEngine
  protected readonly sessions: UserSessions
  readonly #repository: UserRepository
  readonly #close: () => Promise<void>
  #closing: Promise<void> | undefined

  /** @throws {@link InvalidOptionError} for an engine whose sessions no manager can tell whose they are. */
  constructor(options: UserManagerOptions) {
    const { engine, users, maxSessionsPerUser: most, onTooManySessions: onTooMany } = options
    checkEngine(engine)
    const limit =
      most === undefined
        ? undefined
        : new SessionLimit({ engine, most, onTooMany: onTooMany ?? 'end-oldest' })
    this.engine = engine
    this.sessions = new UserSessions({ engine, users, limit })
    this.#repository = users
    this.#close = options.close ?? (async () => {})
  }

  async findByEmail(email: string): Promise<User | undefined> {
    return (await this.users.findByEmail(email)) ?? undefined
  }

  async findById(id: string): Promise<User | undefined> {
    return (await this.users.findById(id)) ?? undefined
  }

  findBySessionId(sessionId: string): Promise<User | undefined> {
    return this.sessions.userOf(sessionId)
  }

  async create(userData: CreateUserData): Promise<User> {
    return this.users.create(userData)
  }

  async update(id: string, updateData: UpdateUserData): Promise<User | null> {
    const user = await this.users.update(id, updateData)
    if (!user || !this.sessions.isDisabled(user)) return user
    await this.sessions.revokeAll(id)
    return this.users.findById(id)
  }

  async delete(id: string): Promise<boolean> {
    // The user first: a login that comes in meanwhile finds nobody.
    const wasThere = await this.users.delete(id)
    await this.sessions.endDeleted(id)
    return wasThere
  }

  async login(credentials: Credentials): Promise<Login | undefined> {
    const { email, password, ip, userAgent, ttlSeconds } = credentials
    const user = await this.findByEmail(email)
    const { isValid, needsRehash } = await verifyPassword(password, user?.hashedPassword)
    if (!user?.hashedPassword || !isValid || this.sessions.isDisabled(user)) return undefined
    if (needsRehash) {
      const change = { from: user.hashedPassword, to: await hashPassword(password) }
      await this.users.replaceHashedPassword(user.id, change)
    }
    const metadata = { ip, userAgent, sessionEpoch: user.sessionEpoch }
    return { user, sessionId: await this.createSession(user.id, metadata, ttlSeconds) }
  }

  async createSession(
    userId: string,
    metadata: SessionMetadata,
    ttlSeconds: number = AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS,
  ): Promise<string> {
    // Nothing is known of who begins it, where nothing is said.
    const given = Object(metadata) as SessionMetadata
    return this.sessions.begin(userId, { metadata: given, ttl: fromSeconds(ttlSeconds) })
  }

  deleteSession(sessionId: string): Promise<void> {
    return this.sessions.end(sessionId)
  }

  async extendSession(sessionId: string, ttlSeconds: number): Promise<void> {
    await this.sessions.extend(sessionId, fromSeconds(ttlSeconds))
  }

  listSessions(userId: string, currentSessionId?: string): Promise<UserSession[]> {
    return this.sessions.list(userId, currentSessionId)
  }

  revokeSession(userId: string, publicId: string): Promise<boolean> {
    return this.sessions.revoke(userId, publicId)
  }

  revokeOtherSessions(userId: string, currentSessionId: string): Promise<number> {
    return this.sessions.revokeOthers(userId, currentSessionId)
  }

  revokeAllSessions(userId: string): Promise<number> {
    return this.sessions.revokeAll(userId)
  }

  async getAll(): Promise<User[]> {
    return this.users.getAll()
  }

  async count(): Promise<number> {
    return this.users.count()
  }

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** Closes what was opened for this manager. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /**
   * The users under this manager, for other doors to share: `new SessionManager({ engine, users })` of
   * 'holdfast/tokens'.
   *
   * @throws {@link ClosedError} after `close()`: nothing is opened anew.
   */
  get users(): UserRepository {
    if (this.#closing) throw new ClosedError()
    return this.#repository
  }
}

/** An index of other names, or ids that are what a cookie holds, would make revoking and lists wrong. */
function checkEngine({ settings }: SessionEngine): void {
  const anybody = 'a user'
  const isIndexed = settings.userId(toContent({ userId: anybody })) === settings.indexOwner(anybody)
  if (!isIndexed) throw new InvalidOptionError('userId', 'must be left to the manager')
  if (!settings.hashSessionIds) {
    throw new InvalidOptionError('hashSessionIds', 'must stay on: lists would show cookies’ ids')
  }
}
