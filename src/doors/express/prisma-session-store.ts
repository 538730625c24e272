import { openSessions } from '../../open-sessions.js'
import type { SessionTiers } from '../../open-sessions.js'
import type { SessionOptions } from '../../core/session-options.js'
import { EngineStore, type EngineStoreOptions } from './engine-store.js'
import { splitOptions } from './split-options.js'

/** The options of {@link PrismaSessionStore} beside its client. */
export interface PrismaSessionStoreOptions extends SessionOptions, EngineStoreOptions {}

/**
 * Sessions in Postgres, through the application's own Prisma client.
 *
 * ```ts
 * app.use(session({ store: new PrismaSessionStore(prisma), secret, resave: false, saveUninitialized: false }))
 * ```
 */
export class PrismaSessionStore extends EngineStore {
  /**
   * @param prisma - a Prisma client of version 5, 6 or 7, plain or extended; it stays the caller's to disconnect.
   * @throws {@link InvalidOptionError}
   */
  constructor(
    prisma: NonNullable<SessionTiers['prisma']>,
    options: PrismaSessionStoreOptions = {},
  ) {
    const { engineOptions, storeOptions } = splitOptions(options)
    super(openSessions({ ...engineOptions, prisma }), storeOptions)
  }

  /** Persists what is buffered, and stops the schedule. The Prisma client stays open. Idempotent. */
  override close(): Promise<void> {
    return this.engine.close()
  }
}
