import { ConflictError } from '../core/errors.js'
import type { SessionId } from '../core/session-id.js'
import { stamped, userSessionIn, type UserSessionContent } from '../core/user-session.js'
import type { LoadedSession } from './loaded-session.js'
import type { SessionEngine } from './session-engine.js'

/** What is known of whoever sessions belong to. */
export interface SessionOwner {
  readonly id: string

  /** How often all sessions of the user were ended. */
  readonly sessionEpoch: number

  /** From when on the user is let in nowhere. */
  readonly disabledAt?: Date | null | undefined
}

/** Who tells how often all sessions of a user were ended, and counts it. */
export interface SessionOwners {
  findById(id: string): Promise<SessionOwner | null | undefined>

  /**
   * Moves the epoch on by one, durably; `null` where there is no such user, or it is not `from` any
   * more.
   *
   * @param from - Default: whatever it is.
   */
  advanceSessionEpoch(id: string, from?: number): Promise<SessionOwner | null | undefined>
}

const MOST_ATTEMPTS = 20
const ALL = 'all sessions of the user'

/**
 * Ends all sessions of a user, those that are about to begin included: `sessionEpoch` counts how often
 * that was done, in the user and in each session, and a session of a lower one is no good.
 */
export class SessionEpochs {
  readonly #engine: SessionEngine
  readonly #owners: SessionOwners

  constructor(engine: SessionEngine, owners: SessionOwners) {
    this.#engine = engine
    this.#owners = owners
  }

  /** Whether the session is good; what was remembered of it may be older than the user's row. */
  async confirms(loaded: LoadedSession, owner: SessionOwner): Promise<boolean> {
    return isGood(loaded, owner) || isGood(await this.#engine.readListed(loaded.id), owner)
  }

  /** Ends all of a user's sessions, and logins that are under way. */
  async revokeAll(userId: string): Promise<number> {
    // A login that has not begun its session yet finds the epoch moved; one that has is listed.
    await this.#owners.advanceSessionEpoch(userId)
    return this.#engine.removeUser(userId, { reason: ALL })
  }

  /** Ends all of a user's sessions but this one, and logins that are under way. */
  async revokeOthers(userId: string, except: SessionId | undefined): Promise<number> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const owner = await this.#owners.findById(userId)
      const loaded = except && (await this.#engine.readListed(except))
      if (!owner || isDisabled(owner, this.#engine) || !loaded || !isGood(loaded, owner)) {
        return this.revokeAll(userId)
      }
      // First, so that it is never taken for one that began before.
      await this.#restamp(loaded, { of: owner.id, count: owner.sessionEpoch + 1 })
      // Somebody else may be ending sessions of the user: then the stamp has to go beyond theirs.
      const advanced = await this.#owners.advanceSessionEpoch(userId, owner.sessionEpoch)
      if (advanced) return this.#engine.removeUser(userId, { except: loaded.id, reason: ALL })
    }
    throw new ConflictError(String(except))
  }

  async #restamp(loaded: LoadedSession, epoch: { of: string; count: number }): Promise<void> {
    const content = stamped(loaded.content, epoch)
    const ttl = remainingOf(this.#engine, loaded)
    const cursor = { base: loaded }
    await this.#engine.write(loaded.id, { content, ttl, cursor, onConflict: 'merge' })
  }
}

/** Whether the user is let in nowhere, now. */
export function isDisabled(
  { disabledAt }: Pick<SessionOwner, 'disabledAt'>,
  engine: SessionEngine,
): boolean {
  // A time that is none is in no future either: whoever was disabled at it stays so.
  return !!disabledAt && !(disabledAt.getTime() > engine.now())
}

/** Whether it is the user's, and began after all sessions of the user were ended last. */
export function isGood(loaded: LoadedSession | undefined, owner: SessionOwner): boolean {
  const session = loaded && userSessionIn(loaded.content)
  return session?.userId === owner.id && isGoodFor(owner, session)
}

/** A session of another door has no epoch: it is ended with the others, and can not be told earlier. */
export function isGoodFor(owner: SessionOwner, session: UserSessionContent): boolean {
  const { sessionEpoch = owner.sessionEpoch } = session
  return sessionEpoch >= owner.sessionEpoch
}

/** How long a session lives on, ms. */
export function remainingOf(engine: SessionEngine, { expiresAt }: LoadedSession): number {
  return engine.toLocalTime(expiresAt) - engine.settings.clock.now()
}
