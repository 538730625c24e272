import type { LoadedSession } from '../../../engine/loaded-session.js'
import { withDeadline } from '../../../engine/deadline.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { isDisabled, SessionEpochs, type SessionOwner } from '../../../engine/session-epochs.js'
import type { SessionId } from '../../../core/session-id.js'
import { SessionError } from '../errors.js'
import { permissionsOf, type Roles } from '../permissions.js'
import type { TokenUser } from '../results.js'
import type { DirectoryUser, UserDirectory } from '../user-directory.js'
import { epochOf, toDirectoryUser } from './directory-row.js'

/** What {@link TokenUsers} work with. */
export interface TokenUsersOptions {
  readonly engine: SessionEngine
  readonly directory: UserDirectory
  readonly roles: Roles
}

/** Who may have a token, as it is now: nothing of a user is remembered. */
export class TokenUsers {
  readonly #options: TokenUsersOptions
  readonly #epochs: SessionEpochs

  constructor(options: TokenUsersOptions) {
    this.#options = options
    this.#epochs = new SessionEpochs(options.engine, {
      findById: async (id) => toOwner(id, await this.#find(id)),
      advanceSessionEpoch: async (id, from) => {
        const { directory } = this.#options
        const row = await this.#ask(async () => directory.advanceSessionEpoch?.(id, from))
        return toOwner(id, toDirectoryUser(row))
      },
    })
  }

  /**
   * The user, if there is one who is let in, in this organization.
   *
   * @throws {@link SessionError} of the type AUTHENTICATION_ERROR or AUTHORIZATION_ERROR; DATABASE_ERROR
   * where the directory does not answer.
   */
  async admitted(userId: string, orgId: string): Promise<DirectoryUser> {
    const user = await this.#find(userId)
    if (!user) throw new SessionError('unknown-user', 'There is no such user')
    if (isDisabled(user, this.#options.engine)) {
      throw new SessionError('disabled-user', 'The user is disabled')
    }
    if ((user.orgId ?? orgId) !== orgId) {
      throw new SessionError('other-organization', 'The user belongs to another organization')
    }
    return user
  }

  /** Whether the session began after all sessions of the user were ended last. */
  async isOfNow(loaded: LoadedSession, userId: string, user: DirectoryUser): Promise<boolean> {
    const owner = toOwner(userId, user)
    return !owner || this.#epochs.confirms(loaded, owner)
  }

  /** The user as results show it. */
  shown(userId: string, orgId: string, user: DirectoryUser): TokenUser {
    const { role } = user
    const permissions = permissionsOf(user, this.#options.roles)
    return { id: userId, orgId, ...(typeof role === 'string' ? { role } : {}), permissions }
  }

  /** Ends a user's sessions, logins under way included where the directory counts epochs; how many. */
  async endSessions(userId: string, except: SessionId | undefined): Promise<number> {
    const { directory, engine } = this.#options
    if (!directory.advanceSessionEpoch || !toOwner(userId, await this.#find(userId))) {
      return engine.removeUser(userId, { except, reason: 'all sessions of the user' })
    }
    return except === undefined
      ? this.#epochs.revokeAll(userId)
      : this.#epochs.revokeOthers(userId, except)
  }

  async #find(id: string): Promise<DirectoryUser | undefined> {
    return toDirectoryUser(await this.#ask(async () => this.#options.directory.findById(id)))
  }

  /** However the directory fails: nobody can tell who that is. */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const { ledgerTimeout, clock } = this.#options.engine.settings
    try {
      return await withDeadline(question(), ledgerTimeout, clock)
    } catch (cause) {
      throw new SessionError('unavailable', 'The users could not be looked up', { cause })
    }
  }
}

/** What epochs work with; `undefined` for nobody, and where the directory counts none. */
function toOwner(id: string, user: DirectoryUser | undefined): SessionOwner | undefined {
  const sessionEpoch = user && epochOf(user)
  return sessionEpoch === undefined ? undefined : { id, sessionEpoch, disabledAt: user?.disabledAt }
}
