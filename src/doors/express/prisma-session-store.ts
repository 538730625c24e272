import { InvalidOptionError } from '../../core/errors.js'
import { sessionOptionChecks } from '../../core/session-options.js'
import { openSessions, type SessionTiers } from '../../open-sessions.js'
import { OwningStore, type StoreOptions } from './owning-store.js'
import { splitOptions } from './split-options.js'

/** The options of {@link PrismaSessionStore} beside its client. */
export type PrismaSessionStoreOptions = StoreOptions

/**
 * Sessions in Postgres, through the application's own Prisma client.
 *
 * ```ts
 * app.use(session({ store: new PrismaSessionStore(prisma), secret, resave: false,
 * saveUninitialized: false }))
 * ```
 */
export class PrismaSessionStore extends OwningStore {
  /**
   * @param prisma - a Prisma client of version 5, 6 or 7, plain or extended; it stays the caller's
   * to disconnect.
   * @throws {@link InvalidOptionError}
   */
  constructor(
    prisma: NonNullable<SessionTiers['prisma']>,
    options: PrismaSessionStoreOptions = {},
  ) {
    const { engineOptions, storeOptions } = splitOptions(options, sessionOptionChecks)
    if ((prisma as unknown) === undefined) {
      throw new InvalidOptionError('prisma', 'must be a Prisma client')
    }
    super(openSessions({ ...engineOptions, prisma }), storeOptions)
  }
}
