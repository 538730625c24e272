import type { SessionId } from '../core/session-id.js'
import { keepNewest } from './keep-newest.js'
import type { LoadedSession } from './loaded-session.js'
import type { SessionEngine } from './session-engine.js'

const MOST_REMEMBERED = 10_000

/** Has lists show when a session was used last: to `touchEvery`, a minute unless it is set. */
export class LastSeen {
  readonly #engine: SessionEngine

  /** When this process noted it, monotonic ms. */
  readonly #notedAt = new Map<SessionId, number>()

  constructor(engine: SessionEngine) {
    this.#engine = engine
  }

  /** The session is used, now. */
  note(session: LoadedSession): void {
    const { clock, touchEvery } = this.#engine.settings
    const now = clock.monotonic()
    const notedAt = this.#notedAt.get(session.id)
    if (notedAt !== undefined && now - notedAt < touchEvery) return
    keepNewest(this.#notedAt, [session.id, now], MOST_REMEMBERED)
    this.#engine.see(session)
  }
}
