import type { IncomingMessage } from 'node:http'
import { Store, type Session, type SessionData } from 'express-session'
import { InvalidOptionError } from '../../core/errors.js'
import {
  checkOptions,
  either,
  aFunction,
  objectWith,
  oneOf,
  type Checks,
} from '../../core/options.js'
import type { SessionSummary } from '../../core/record.js'
import type { EngineHealth } from '../../engine/health.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import type { SessionStats } from '../../engine/session-stats.js'
import type { SweepResult } from '../../engine/sweeper.js'
import { carriedBy, carry } from './carry.js'
import { describeDevice, type DescribeDevice } from './device.js'
import { SessionAccess } from './session-access.js'
import { settle, settleTogether, type Callback } from './settle.js'

/** What an express-session store takes beside the engine's options. */
export interface EngineStoreOptions {
  /**
   * What is remembered of who began a session; `false` for nothing. Default: IP address (as
   * Express's `trust proxy` has it) and User-Agent, cut to 64 and 512 characters.
   */
  readonly device?: DescribeDevice | false

  /**
   * The store that was used before: its live sessions are adopted on first sight, so that nobody is
   * logged out.
   */
  readonly migrateFrom?: Store
}

/** The checks of {@link EngineStoreOptions}. */
export const storeOptionChecks: Checks<EngineStoreOptions> = {
  device: either(aFunction, oneOf(false)),
  migrateFrom: objectWith('get', 'destroy'),
}

/**
 * An express-session store over an engine.
 *
 * `get`, `set`, `touch`, `destroy`, `all`, `length`, `clear` and `ids` take a callback, which is
 * called once and on a later tick; without one they return a promise. Where no tier that can be
 * trusted answers, they fail: that is never "no session".
 */
export class EngineStore extends Store {
  /** The engine under this store, for other doors to share. */
  readonly engine: SessionEngine
  readonly #access: SessionAccess

  /** @throws {@link InvalidOptionError} */
  constructor(engine: SessionEngine, options: EngineStoreOptions = {}) {
    super()
    if (typeof (engine as SessionEngine | undefined)?.idOf !== 'function') {
      throw new InvalidOptionError('engine', 'must be what openSessions returns')
    }
    checkOptions(options, storeOptionChecks)
    const { device = describeDevice, migrateFrom } = options
    this.engine = engine
    this.#access = new SessionAccess({ engine, device, migrateFrom })
  }

  /** The live session of a cookie's id, or `null`. */
  override get(sid: string, callback: Callback<SessionData | null>): void
  override get(sid: string): Promise<SessionData | null>
  override get(sid: string, callback?: Callback<SessionData | null>) {
    return settleTogether(this.#access.load(sid), callback)
  }

  /**
   * Stores a session: one that was loaded is updated, and merged with what other requests changed
   * meanwhile; one that ended meanwhile stays ended, and that is no error.
   */
  override set(sid: string, data: SessionData, callback: Callback): void
  override set(sid: string, data: SessionData): Promise<void>
  override set(sid: string, data: SessionData, callback?: Callback) {
    return settle(this.#access.save(sid, data), callback)
  }

  /** Moves a session's expiry as its cookie says, soon; see `touchEvery`. */
  override touch(sid: string, data: SessionData, callback: Callback): void
  override touch(sid: string, data: SessionData): Promise<void>
  override touch(sid: string, data: SessionData, callback?: Callback) {
    return settle<void>(this.#access.touch(sid, data), callback)
  }

  /** Ends a session, or several; one that is not there is ended already. */
  override destroy(sid: string | readonly string[], callback: Callback): void
  override destroy(sid: string | readonly string[]): Promise<void>
  override destroy(sid: string | readonly string[], callback?: Callback) {
    const each = [sid].flat().map((one) => this.#access.end(one))
    return settle<void>(Promise.all(each).then(nothing), callback)
  }

  /** All live sessions of this context, by public id. */
  override all(callback: Callback<Record<string, SessionData>>): void
  override all(): Promise<Record<string, SessionData>>
  override all(callback?: Callback<Record<string, SessionData>>) {
    return settle(this.#all(), callback)
  }

  /** The public ids of all live sessions of this context. */
  ids(callback: Callback<string[]>): void
  ids(): Promise<string[]>
  ids(callback?: Callback<string[]>) {
    return settle(
      this.#summaries().then((all) => all.map(({ id }) => id)),
      callback,
    )
  }

  /** How many live sessions this context has. */
  override length(callback: Callback<number>): void
  override length(): Promise<number>
  override length(callback?: Callback<number>) {
    return settle(
      this.engine.stats().then(({ active }) => active),
      callback,
    )
  }

  /** Ends all sessions of this context. */
  override clear(callback: Callback): void
  override clear(): Promise<void>
  override clear(callback?: Callback) {
    return settle<void>(this.engine.removeAll().then(nothing), callback)
  }

  /** Makes the request's session of what `get` gave, with what it carries. */
  override createSession(req: IncomingMessage, data: SessionData): Session & SessionData {
    const carried = carriedBy(data)
    const withCookie = (data as Partial<SessionData>).cookie ? data : { ...data, cookie: NO_COOKIE }
    const created = super.createSession(req as Parameters<Store['createSession']>[0], withCookie)
    if (carried) carry(created, carried)
    return created
  }

  /**
   * Resolves once the ledger can be used, with or without Redis. May be asked again after it
   * rejected.
   */
  ready(): Promise<void> {
    return this.engine.ready()
  }

  /** A user's live sessions. */
  sessionsOf(userId: string | number): Promise<SessionSummary[]> {
    return this.#summaries(String(userId))
  }

  /**
   * Ends a session by the id that lists show, never the cookie's; `false` where no such session is
   * live.
   */
  revoke(publicId: string, reason?: string): Promise<boolean> {
    return this.engine.revoke(publicId, reason)
  }

  /**
   * Ends a user's sessions, all but that of the cookie's id `except`, and answers how many there
   * were.
   */
  destroyUser(userId: string | number, options: { except?: string } = {}): Promise<number> {
    return this.engine.removeUser(userId, { except: this.engine.idOf(options.except) })
  }

  /** Deletes expired rows now, as the schedule does each hour. */
  sweep(): Promise<SweepResult> {
    return this.engine.sweep()
  }

  /** Counts of this context's sessions, and of what this process did. */
  stats(): Promise<SessionStats> {
    return this.engine.stats()
  }

  /** Asks Redis and Postgres for an answer. Never rejects. */
  health(): Promise<EngineHealth> {
    return this.engine.health()
  }

  /** Closes what this store opened: here nothing, since the engine was handed in. */
  async close(): Promise<void> {}

  async #all(): Promise<Record<string, SessionData>> {
    const all: [string, SessionData][] = []
    for await (const page of this.engine.pages()) {
      // Asked for in one tick, they are one statement or a few.
      const loaded = await Promise.all(page.map(({ id }) => this.engine.readListed(id)))
      for (const each of loaded) if (each) all.push([each.id, this.#access.present(each)])
    }
    return Object.fromEntries(all)
  }

  async #summaries(userId?: string): Promise<SessionSummary[]> {
    const summaries: SessionSummary[] = []
    for await (const summary of this.engine.summaries({ userId })) summaries.push(summary)
    return summaries
  }
}

/**
 * Of a session that was stored without one, by a caller from outside: express-session can not do
 * without.
 */
const NO_COOKIE = Object.freeze({ path: '/', httpOnly: true, originalMaxAge: null })

function nothing(): void {
  return undefined
}
