import { parseSessionId, toSessionId, type SessionId } from '../../../core/session-id.js'
import { toDevice } from '../../../core/device.js'
import { toContent, userSessionIn, type UserSessionContent } from '../../../core/user-session.js'
import { LastSeen } from '../../../engine/last-seen.js'
import type { LoadedSession } from '../../../engine/loaded-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { isDisabled, isGood, isGoodFor, SessionEpochs } from '../../../engine/session-epochs.js'
import { InvalidOptionError } from '../../../core/errors.js'
import { LoginSupersededError, UnknownUserError } from '../errors.js'
import { extendSession } from './extend-session.js'
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
  readonly #epochs: SessionEpochs
  readonly #lastSeen: LastSeen

  constructor({ engine, users, limit }: UserSessionsOptions) {
    this.#engine = engine
    this.#users = users
    this.#limit = limit
    this.#epochs = new SessionEpochs(engine, users)
    this.#lastSeen = new LastSeen(engine)
  }

  /** Whose live session this is. */
  async userOf(sessionId: unknown): Promise<User | undefined> {
    const loaded = await this.#read(sessionId)
    const user = loaded && (await this.#ownerOf(loaded))
    if (user) this.#lastSeen.note(loaded)
    return user
  }

  /** Begins a session, and gives the id for its cookie. */
  async begin(userId: string, beginning: Beginning): Promise<string> {
    const user = await this.#users.findById(userId)
    if (!user || this.isDisabled(user)) throw new UnknownUserError()
    const sessionEpoch = checkedEpoch(beginning.metadata.sessionEpoch) ?? user.sessionEpoch
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
    return this.#epochs.revokeOthers(userId, this.#idOf(currentSessionId))
  }

  /** Ends all of a user's sessions, and logins that are under way. */
  async revokeAll(userId: string): Promise<number> {
    return this.#epochs.revokeAll(userId)
  }

  /** Ends all sessions of a user who is no more. */
  async endDeleted(userId: string): Promise<void> {
    await this.#engine.removeUser(userId, { reason: 'deleted' })
  }

  async #ownerOf(loaded: LoadedSession): Promise<User | undefined> {
    const session = userSessionIn(loaded.content)
    const user = session && (await this.#users.findById(session.userId))
    if (!user || this.isDisabled(user)) return undefined
    return (await this.#epochs.confirms(loaded, user)) ? user : undefined
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
  isDisabled(user: User): boolean {
    return isDisabled(user, this.#engine)
  }

  async #read(sessionId: unknown): Promise<LoadedSession | undefined> {
    const id = this.#idOf(sessionId)
    return id && this.#engine.read(id)
  }

  #idOf(sessionId: unknown): SessionId | undefined {
    return isSessionId(sessionId) ? this.#engine.idOf(sessionId) : undefined
  }
}

function checkedEpoch(epoch: unknown): number | undefined {
  if (epoch === undefined || (Number.isSafeInteger(epoch) && (epoch as number) >= 0)) {
    return epoch as number | undefined
  }
  throw new InvalidOptionError('sessionEpoch', "must be the user's, a whole number")
}
