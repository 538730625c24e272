import { openSessions } from '../../../open-sessions.js'
import { AUTH_CONSTANTS } from '../constants.js'
import { EngineUserManager, type UserManagerOptions } from './engine-user-manager.js'
import type { ManagerSessionOptions } from './manager-configuration.js'
import { InMemoryUsers } from '../repositories/in-memory-users.js'
import { fromSeconds } from '../sessions/ttl.js'
import type { UpdateUserData, User } from '../user.js'

/** The options of {@link MockUserManager}: those of sessions, and how many a user may have. */
export interface MockUserManagerOptions
  extends
    ManagerSessionOptions,
    Pick<UserManagerOptions, 'maxSessionsPerUser' | 'onTooManySessions'> {}

/**
 * Users and sessions in this process's memory, for tests and development; nobody is there to begin
 * with. All else is as in production, but that an id which is given to a user by `update` is a
 * session at once, as programs expect that begin sessions themselves where there is no
 * {@link ProductionUserManager}.
 */
export class MockUserManager extends EngineUserManager {
  /** @throws {@link InvalidOptionError} */
  constructor(options: MockUserManagerOptions = {}) {
    const { maxSessionsPerUser, onTooManySessions, ...sessionOptions } = options
    const engine = openSessions({ ...sessionOptions, ledger: 'memory' })
    const users = new InMemoryUsers({
      context: engine.settings.context,
      clock: engine.settings.clock,
    })
    super({ engine, users, maxSessionsPerUser, onTooManySessions, close: () => engine.close() })
  }

  override async update(id: string, updateData: UpdateUserData): Promise<User | null> {
    const user = await super.update(id, updateData)
    const { sessionId } = updateData
    if (!user || typeof sessionId !== 'string') return user
    if (await this.findBySessionId(sessionId)) return user
    const ttl = fromSeconds(AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS)
    await this.sessions.begin(id, { metadata: { ip: '' }, ttl, sessionId })
    return (await this.findById(id)) ?? null
  }
}
