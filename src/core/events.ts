import type { CacheUnavailableError, LedgerUnavailableError } from './errors.js'
import type { Logger } from './logger.js'

/**
 * What the engine tells whoever listens. Ids are public ids; no event holds what is in a session.
 */
export interface SessionEvents {
  /**
   * Two requests changed one session, and these top-level keys in both; `dropped`: my change gave
   * way as a whole.
   */
  conflict: { readonly id: string; readonly keys: readonly string[]; readonly dropped: boolean }

  /**
   * A request saved a session that was destroyed, or had expired, meanwhile; nothing was written.
   */
  'write-after-destroy': { readonly id: string }

  /**
   * A refresh token came that had been used before: somebody else has it as well, and its session was
   * ended. It is emitted once, by the process that saw it.
   */
  'token.theft': {
    readonly id: string
    readonly userId: string

    /** Which refresh of the session the token came from, and which is the newest. */
    readonly generation: number
    readonly newest: number
    readonly ip?: string | undefined
  }

  /** A session was ended. */
  revoked: { readonly id: string; readonly reason: string }

  /** What is stored is no session: it reads as absent. */
  'corrupt-record': { readonly id: string; readonly tier: string; readonly problem: string }

  /** A cache failed; the request went on without it. */
  'cache-failure': { readonly error: CacheUnavailableError }

  /** A cache is left alone for a while (`open`), probed (`half-open`), or used again (`closed`). */
  'cache-state': { readonly cache: string; readonly state: 'open' | 'half-open' | 'closed' }

  /** The ledger failed; the request was told. */
  'ledger-failure': { readonly error: LedgerUnavailableError }

  /** A cache was told what it had missed. */
  repaired: { readonly sessions: number }

  /** A sweep ended. */
  swept: { readonly removed: number; readonly busy: boolean; readonly duration: number }

  /**
   * Something that no request waits for failed: a sweep, a batch of touches, a repair. It is tried
   * again.
   */
  'background-failure': { readonly task: string; readonly error: unknown }
}

/** What doors have to tell; all else comes from the engine itself. */
export type DoorEventName = 'token.theft'

/** The names of {@link SessionEvents}. */
export type SessionEventName = keyof SessionEvents

/** Takes one kind of event. */
export type Listener<Name extends SessionEventName> = (event: SessionEvents[Name]) => void

/**
 * Hands events to listeners. A listener that throws disturbs neither the others nor whoever
 * emitted.
 */
export class EventHub {
  readonly #listeners = new Map<SessionEventName, Set<(event: never) => void>>()

  /** @param onThrow - told what a listener threw. */
  constructor(private readonly onThrow: (error: unknown, name: SessionEventName) => void) {}

  /** Calls `listener` at each event of this name, until the function that is returned is called. */
  on<Name extends SessionEventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** Tells all listeners, in the order in which they came. */
  emit<Name extends SessionEventName>(name: Name, event: SessionEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;(listener as Listener<Name>)(event)
      } catch (error) {
        this.onThrow(error, name)
      }
    }
  }
}

/**
 * A hub which reports what a listener threw to the logger. A logger that throws as well is left
 * alone.
 */
export function createEvents(logger: Logger): EventHub {
  return new EventHub((error, name) => {
    try {
      logger.error({ err: error }, `A listener of '${name}' threw`)
    } catch {
      // It may be the logger itself that threw: there is nobody left to tell, and no request may
      // fail for it.
    }
  })
}
