import { processWide } from '../../../core/process-wide.js'
import { createManager } from './create-manager.js'
import type { EngineUserManager as UserManager } from './engine-user-manager.js'
import {
  digestOf,
  resolveConfiguration,
  type ManagerConfiguration,
} from './manager-configuration.js'

/** A manager that was made, or is being made. */
interface Cached {
  readonly creating: Promise<UserManager>
  readonly manager: UserManager | undefined
}

/**
 * Makes the manager that fits the environment, once for each configuration: whoever asks for the
 * same gets the same, with one pool of connections, also after a reload of this module.
 */
export const UserManagerFactory = Object.freeze({
  /**
   * The manager of this configuration. One that could not be made is made anew at the next call.
   *
   * @throws {@link InvalidOptionError}; {@link EnvironmentError} for a variable that is missing,
   * malformed or refused; {@link UsersUnavailableError} or {@link LedgerUnavailableError} where
   * Postgres does not answer.
   */
  async create(config: ManagerConfiguration = {}): Promise<UserManager> {
    const resolved = resolveConfiguration(config)
    const key = digestOf(resolved)
    const cached = cache.get(key)
    if (cached && !cached.manager?.isClosed) return cached.creating
    const entry: Cached = { creating: createManager(resolved), manager: undefined }
    cache.set(key, entry)
    try {
      const manager = await entry.creating
      if (cache.get(key) === entry) keepAsNewest(key, { ...entry, manager })
      return manager
    } catch (error) {
      if (cache.get(key) === entry) cache.delete(key)
      throw error
    }
  },

  /** For each request: the manager that is there already, or the one that `create()` makes. */
  async createForContext(): Promise<UserManager> {
    return UserManagerFactory.getCachedInstance() ?? UserManagerFactory.create()
  },

  /** The manager that was made first of those that are there; `null` where none is. */
  getCachedInstance(): UserManager | null {
    const managers = [...cache.values()].map(({ manager }) => manager)
    return managers.find((manager) => manager?.isClosed === false) ?? null
  },

  /** Closes every manager that was made here, with what was opened for it, and forgets them. */
  async clearCache(): Promise<void> {
    const entries = [...cache.values()]
    cache.clear()
    await Promise.all(entries.map(close))
  },
})

const cache = processWide('user-managers', () => new Map<string, Cached>())

/** The cache is in the order in which managers were made, not in that in which they were asked for. */
function keepAsNewest(key: string, entry: Cached): void {
  cache.delete(key)
  cache.set(key, entry)
}

/** What could not be made has closed what it opened, and told whoever asked for it. */
async function close({ creating }: Cached): Promise<void> {
  const manager = await creating.catch(() => undefined)
  await manager?.close()
}
