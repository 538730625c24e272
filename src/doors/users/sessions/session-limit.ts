import { setTimeout as pause } from 'node:timers/promises'
import { toSessionId, type SessionId } from '../../../core/session-id.js'
import type { SessionSummary } from '../../../core/record.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { TooManySessionsError } from '../errors.js'

/** What happens to a login that would be one session too many. */
export type OnTooManySessions = 'end-oldest' | 'refuse'

const ATTEMPTS = 3
const LONGEST_PAUSE = 20

/** What a {@link SessionLimit} works with. */
export interface SessionLimitOptions {
  readonly engine: SessionEngine

  /** How many sessions a user may have at once. */
  readonly most: number
  readonly onTooMany: OnTooManySessions
}

/**
 * Keeps users from having more sessions than are allowed, however many logins there are at once: a
 * session that has begun is counted together with all others, and whoever sees too many acts.
 */
export class SessionLimit {
  readonly #options: SessionLimitOptions

  constructor(options: SessionLimitOptions) {
    this.#options = options
  }

  /**
   * Begins a session by `begin`, which gives its id.
   *
   * @throws {@link TooManySessionsError} where one is too many; it has not begun then.
   */
  async admit<Begun extends { readonly id: SessionId }>(
    userId: string,
    begin: () => Promise<Begun>,
  ): Promise<Begun> {
    const { engine, most, onTooMany } = this.#options
    for (let attempt = 1; ; attempt++) {
      if (onTooMany === 'refuse' && (await this.#sessionsOf(userId)).length >= most) break
      const begun = await begin()
      const sessions = await this.#sessionsOfBegun(userId, begun)
      if (sessions.length <= most) return begun
      if (onTooMany === 'end-oldest') {
        await this.#endOldest(sessions)
        return begun
      }
      // Another login came in at the same time, and may give way as well: they do not meet again.
      await engine.remove(begun.id, 'too many sessions')
      if (attempt === ATTEMPTS) break
      await pause(Math.random() * LONGEST_PAUSE * attempt)
    }
    throw new TooManySessionsError(most)
  }

  /** Whoever looks at these ends the same ones, be its own among them: then a later login has come. */
  async #endOldest(sessions: readonly SessionSummary[]): Promise<void> {
    const { engine, most } = this.#options
    const excess = sessions.toSorted(byAge).slice(0, sessions.length - most)
    await Promise.all(excess.map(({ id }) => engine.remove(toSessionId(id), 'too many sessions')))
  }

  /** What can not be counted has not begun. */
  async #sessionsOfBegun(userId: string, { id }: { id: SessionId }): Promise<SessionSummary[]> {
    try {
      return await this.#sessionsOf(userId)
    } catch (error) {
      await this.#options.engine.remove(id, 'not begun')
      throw error
    }
  }

  async #sessionsOf(userId: string): Promise<SessionSummary[]> {
    const sessions: SessionSummary[] = []
    for await (const each of this.#options.engine.summaries({ userId })) sessions.push(each)
    return sessions
  }
}

/** Equal ages go by id, so that all who look at the same sessions end the same. */
function byAge(a: SessionSummary, b: SessionSummary): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}
