import { createEvents, type EventHub } from '../../core/events.js'
import { SessionError, toSessionError, type SessionErrorType } from './errors.js'
import { engineLogger, Reporter } from './logger.js'
import { openManager } from './open-manager.js'
import type { OpenedManager } from './opened-manager.js'
import type { Result } from './results.js'
import { checkManagerOptions, type SessionManagerOptions } from './session-manager-options.js'
import type { Validated } from './sessions/live-sessions.js'

/** What is told of something that went well. */
type Report = readonly [level: 'info' | 'debug', message: string]

/** A manager that is opened when it is asked something, and told of what it comes to. */
export class LazyManager {
  readonly reporter: Reporter
  readonly events: EventHub
  #options: SessionManagerOptions
  #opening: Promise<OpenedManager> | undefined
  #isClosed = false

  /** @throws {@link InvalidOptionError} */
  constructor(options: SessionManagerOptions) {
    checkManagerOptions(options)
    this.#options = options
    this.reporter = new Reporter(options.logger)
    this.events = createEvents(engineLogger(this.reporter))
  }

  /** Takes other options from the next question on. @throws {@link InvalidOptionError} */
  configure(options: SessionManagerOptions): void {
    checkManagerOptions(options)
    this.#options = options
    this.#isClosed = false
    if (options.logger) this.reporter.use(options.logger)
    this.#letGo().catch((error: unknown) => this.reporter.error(toSessionError(error)))
  }

  /** What it comes to, be that an error. Never rejects. */
  async result<Value extends object>(
    [level, message]: Report,
    act: (manager: OpenedManager) => Promise<Value>,
  ): Promise<Result<Value>> {
    try {
      const value = await this.ask(act)
      this.reporter.tell(level, message, toContext(value))
      return { success: true, ...value }
    } catch (error) {
      return { success: false, error: error as SessionError }
    }
  }

  /**
   * What it comes to. What fails underneath is told as an error; what visitors bring is none.
   *
   * @throws {@link SessionError}, whatever went wrong.
   */
  async ask<T>(act: (manager: OpenedManager) => Promise<T>): Promise<T> {
    try {
      return await act(await this.#open())
    } catch (thrown) {
      const error = toSessionError(thrown)
      const { type, reason, message } = error
      if (FAILURES.has(type)) this.reporter.error(error)
      else this.reporter.tell('debug', message, { type, reason })
      throw error
    }
  }

  /** Closes what was opened, for good. Idempotent. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#letGo()
  }

  #open(): Promise<OpenedManager> {
    if (this.#isClosed) throw new SessionError('closed', 'The session manager is closed')
    return (this.#opening ??= this.#openAnew())
  }

  #openAnew(): Promise<OpenedManager> {
    const opening = openManager(this.#options, this)
    opening.catch(() => {
      // What could not be opened is opened anew at the next call.
      if (this.#opening === opening) this.#opening = undefined
    })
    return opening
  }

  async #letGo(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const manager = await opening?.catch(() => undefined)
    await manager?.close()
  }
}

/** Which session, and whose: nothing by which anybody could be let in. */
function toContext(value: object): object {
  const { session, user } = value as Partial<Validated>
  return { sessionId: session?.id, userId: user?.id }
}

/** What an operator has to look at. */
const FAILURES: ReadonlySet<SessionErrorType> = new Set<SessionErrorType>([
  'DATABASE_ERROR',
  'ENCRYPTION_ERROR',
  'SYSTEM_ERROR',
])
