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

  /** What is asked now, until it is answered. */
  readonly #underWay = new Set<Promise<unknown>>()

  /** All that was let go, until it is closed. */
  #closing: Promise<void> = Promise.resolve()
  #isClosed = false

  /** @throws {@link InvalidOptionError} */
  constructor(options: SessionManagerOptions) {
    checkManagerOptions(options)
    this.#options = options
    this.reporter = new Reporter(options.logger)
    this.events = createEvents(engineLogger(this.reporter))
  }

  /**
   * Takes other options from the next question on: what was asked before is answered as it was.
   *
   * @throws {@link InvalidOptionError}
   */
  configure(options: SessionManagerOptions): void {
    checkManagerOptions(options)
    this.#options = options
    this.#isClosed = false
    if (options.logger) this.reporter.use(options.logger)
    const before = Promise.allSettled(this.#underWay)
    this.#letGo(before).catch((error: unknown) => this.reporter.error(error as SessionError))
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
      return await this.#answered(this.#open().then(act))
    } catch (thrown) {
      const error = toSessionError(thrown)
      const { type, reason, message } = error
      if (FAILURES.has(type)) this.reporter.error(error)
      else this.reporter.tell('debug', message, { type, reason })
      throw error
    }
  }

  /** Closes what was opened, for good, and waits for all of it. Idempotent. @throws {@link SessionError} */
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

  /** @param answered - when it is in nobody's use any more. */
  #letGo(answered?: Promise<unknown>): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const before = this.#closing.catch(toldAlready)
    this.#closing = before.then(() => answered).then(() => closed(opening))
    return this.#closing
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    this.#underWay.add(answer)
    try {
      return await answer
    } finally {
      this.#underWay.delete(answer)
    }
  }
}

async function closed(opening: Promise<OpenedManager> | undefined): Promise<void> {
  try {
    // What could not be opened has been told to whoever asked, and leaves nothing to close.
    const manager = await opening?.catch(toldAlready)
    await manager?.close()
  } catch (error) {
    throw toSessionError(error)
  }
}

function toldAlready(): void {}

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
