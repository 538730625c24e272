import type { SessionId } from '../../../core/session-id.js'
import type { UserSessionContent } from '../../../core/user-session.js'
import type { LoadedSession } from '../../../engine/loaded-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { SessionError } from '../errors.js'
import type { TokenSession, TokenUser } from '../results.js'
import type { DirectoryUser } from '../user-directory.js'
import { tokenContentIn, type TokenContent } from './token-content.js'
import type { TokenUsers } from './token-users.js'

/** A session of this door that is good now, and its user. */
export interface LiveSession {
  readonly loaded: LoadedSession
  readonly content: UserSessionContent & TokenContent
  readonly user: DirectoryUser
}

/** A session's user, and what is known of the session. */
export interface Validated {
  readonly user: TokenUser
  readonly session: TokenSession
}

/** Looks up what a token names: the session first, then whether its user is still let in. */
export class LiveSessions {
  readonly #engine: SessionEngine
  readonly #users: TokenUsers

  constructor(engine: SessionEngine, users: TokenUsers) {
    this.#engine = engine
    this.#users = users
  }

  /**
   * The session of this id.
   *
   * @param from - `'ledger'` looks past every cache.
   * @throws {@link SessionError} of the type TOKEN_ERROR where it has ended, AUTHENTICATION_ERROR where
   * its user is no more let in.
   */
  async find(id: SessionId, from: 'anywhere' | 'ledger' = 'anywhere'): Promise<LiveSession> {
    const engine = this.#engine
    const loaded = await (from === 'ledger' ? engine.readListed(id) : engine.read(id))
    const content = loaded && tokenContentIn(loaded.content)
    // A commit that took long lets its session expire as much later.
    if (!content || content.tokens.endsAt <= engine.now()) throw ended()
    const user = await this.#users.admitted(content.userId, content.orgId)
    if (!(await this.#users.isOfNow(loaded, content.userId, user))) throw ended()
    return { loaded, content, user }
  }

  /** As results show it. */
  shown({ loaded, content, user }: LiveSession): Validated {
    const { userId, orgId, createdAt = 0, ip, deviceId, tokens } = content
    const local = (time: number) => new Date(this.#engine.toLocalTime(time))
    return {
      user: this.#users.shown(userId, orgId, user),
      session: {
        id: loaded.id,
        createdAt: new Date(createdAt),
        expiresAt: local(Math.min(loaded.expiresAt, tokens.endsAt)),
        endsAt: local(tokens.endsAt),
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(ip === undefined ? {} : { ip }),
      },
    }
  }
}

/** What a token gets whose session is not there any more. */
export function ended(): SessionError {
  return new SessionError('ended-session', 'The session has ended')
}
