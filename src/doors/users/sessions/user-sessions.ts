import { parseSessionId, toSessionId, type SessionId } from '../../../core/session-id.js'
import { toDevice } from '../../../core/device.js'
import type { LoadedSession } from '../../../engine/loaded-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { LoginSupersededError, UnknownUserError } from '../errors.js'
import { extendSession, remainingOf } from './extend-session.js'
import { LastSeen } from './last-seen.js'
import { userSessionIn, toContent, type UserSessionContent } from './session-content.js'
import { generateSessionId, isSessionId } from './session-id.js'
import type { SessionLimit } from './session-limit.js'
import { toUserSession } from './user-session.js'
import type { User } from '../user.js'
import type { SessionMetadata, UserSession } from '../user-manager.js'
import type { UserRepository } from '../user-repository.js'

/** What {@link UserSessions} work with. */
export interface UserSessionsOptions {
  readonly engine: SessionEngine
  readonly users: UserRepository

  /** Default: a user may have any number of sessions. */
  readonly limit?: SessionLimit | undefined
}

/** A session that is to begin. */
export interface Beginning {
  readonly metadata: SessionMetadata

  /** ms. */
  readonly ttl: number

  /** For its cookie; a new one unless given. */
  readonly sessionId?: string
}

interface Begun {
  readonly id: SessionId
  readonly sessionId: string
}

/**
 * Whose session is whose: the engine's sessions put together with the users they belong to.
 *
 * A session is good for as long as its user is there, is not disabled, and has not had all sessions
 * ended since the login that it came from: `sessionEpoch` counts that, in the user and in the session.
 */
export class UserSessions {
  readonly #engine: SessionEngine
  readonly #users: UserRepository
  readonly #limit: SessionLimit | undefined
  readonly #lastSeen: LastSeen

  constructor({ engine, users, limit }: UserSessionsOptions) {
    this.#engine = engine
    this.#users = users
    this.#limit = limit
    this.#lastSeen = new LastSeen(engine)
  }

  /** Whose live session this is. */
  async userOf(sessionId: unknown): Promise<User | undefined> {
    const loaded = await this.#read(sessionId)
    const session = loaded && userSessionIn(loaded.content)
    if (!session) return undefined
    const user = await this.#users.findById(session.userId)
    if (!user || this.isDisabled(user) || !isGoodFor(user, session)) return undefined
    this.#lastSeen.note(loaded)
    return user
  }

  /** Begins a session, and gives the id for its cookie. */
  async begin(userId: string, beginning: Beginning): Promise<string> {
    const user = await this.#users.findById(userId)
    if (!user || this.isDisabled(user)) throw new UnknownUserError()
    const sessionEpoch = beginning.metadata.sessionEpoch ?? user.sessionEpoch
    const begin = (): Promise<Begun> => this.#begin({ userId, sessionEpoch }, beginning)
    const { sessionId } = await (this.#limit?.admit(userId, begin) ?? begin())
    return sessionId
  }

  /** Lets a session live for so long from now, if that is later; what has ended stays so. */
  async extend(sessionId: unknown, ttl: number): Promise<void> {
    const loaded = await this.#read(sessionId)
    if (loaded) await extendSession(this.#engine, loaded, ttl)
  }

  /** Ends a session. */
  async end(sessionId: unknown): Promise<void> {
    const id = this.#idOf(sessionId)
    if (id !== undefined) await this.#engine.remove(id, 'logout')
  }

  /** A user's sessions that are good, the newest first. */
  async list(userId: string, currentSessionId?: string): Promise<UserSession[]> {
    const user = await this.#users.findById(userId)
    if (!user || this.isDisabled(user)) return []
    const current = this.#idOf(currentSessionId)
    const listed: UserSession[] = []
    for await (const page of this.#engine.pages({ userId })) {
      const loaded = await Promise.all(page.map(({ id }) => this.#engine.readListed(id)))
      const good = page.filter((_, at) => isGood(loaded[at], user))
      listed.push(...good.map((each) => toUserSession(each, each.id === current)))
    }
    return listed.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  }

  /** Ends one of a user's sessions. */
  async revoke(userId: string, publicId: string): Promise<boolean> {
    const id = parseSessionId(publicId)
    const loaded = id && (await this.#engine.read(id))
    if (!loaded || userSessionIn(loaded.content)?.userId !== userId) return false
    return this.#engine.revoke(id, 'revoked')
  }

  /** Ends all of a user's sessions but one, and logins that are under way. */
  async revokeOthers(userId: string, currentSessionId: string): Promise<number> {
    const loaded = await this.#read(currentSessionId)
    const isOwn = loaded && userSessionIn(loaded.content)?.userId === userId
    if (!isOwn) return this.revokeAll(userId)
    const user = await this.#users.findById(userId)
    // First, so that it is never taken for one that began before.
    await this.#restamp(loaded, (user?.sessionEpoch ?? 0) + 1)
    return this.#endAll(userId, loaded.id)
  }

  /** Ends all of a user's sessions, and logins that are under way. */
  revokeAll(userId: string): Promise<number> {
    return this.#endAll(userId)
  }

  /** Ends all sessions of a user who is disabled from now on; no epoch is needed for that. */
  async endIfDisabled(user: User): Promise<void> {
    if (this.isDisabled(user)) await this.#engine.removeUser(user.id, { reason: 'disabled' })
  }

  /** Ends all sessions of a user who is no more. */
  async endDeleted(userId: string): Promise<void> {
    await this.#engine.removeUser(userId, { reason: 'deleted' })
  }

  async #endAll(userId: string, except?: SessionId): Promise<number> {
    // A login that has not begun its session yet finds the epoch moved; one that has is listed.
    await this.#users.advanceSessionEpoch(userId)
    return this.#engine.removeUser(userId, { except, reason: 'all sessions of the user' })
  }

  async #restamp(loaded: LoadedSession, sessionEpoch: number): Promise<void> {
    const content = { ...loaded.content, sessionEpoch }
    const ttl = remainingOf(this.#engine, loaded)
    await this.#engine.write(loaded.id, { content, ttl, cursor: { base: loaded } })
  }

  /** Only what the user's row confirms afterwards has begun. */
  async #begin(
    session: UserSessionContent & { readonly sessionEpoch: number },
    { metadata, ttl, sessionId = generateSessionId() }: Beginning,
  ): Promise<Begun> {
    const id = toSessionId(String(this.#idOf(sessionId)))
    const device = toDevice(metadata)
    const createdAt = this.#engine.settings.clock.now()
    const content = toContent({ ...session, ...device, createdAt })
    await this.#engine.write(id, { content, ttl, cursor: { base: 'new' }, device })
    try {
      const lastLoginAt = new Date(createdAt)
      const user = await this.#users.update(session.userId, { sessionId, lastLoginAt })
      if (!user || this.isDisabled(user)) throw new UnknownUserError()
      if (!isGoodFor(user, session)) throw new LoginSupersededError()
    } catch (error) {
      await this.#engine.remove(id, 'not begun')
      throw error
    }
    return { id, sessionId }
  }

  /** Whether the user is let in nowhere, now. */
  isDisabled({ disabledAt }: User): boolean {
    return disabledAt !== undefined && disabledAt.getTime() <= this.#engine.settings.clock.now()
  }

  async #read(sessionId: unknown): Promise<LoadedSession | undefined> {
    const id = this.#idOf(sessionId)
    return id && this.#engine.read(id)
  }

  #idOf(sessionId: unknown): SessionId | undefined {
    return isSessionId(sessionId) ? this.#engine.idOf(sessionId) : undefined
  }
}

function isGood(loaded: LoadedSession | undefined, user: User): boolean {
  const session = loaded && userSessionIn(loaded.content)
  return session !== undefined && isGoodFor(user, session)
}

/** A session of another door has no epoch: it is ended with the others, and can not be told earlier. */
function isGoodFor(user: User, { sessionEpoch = user.sessionEpoch }: UserSessionContent): boolean {
  return sessionEpoch >= user.sessionEpoch
}
