import { ClosedError } from '../core/errors.js'
import type { DoorEventName, Listener, SessionEventName, SessionEvents } from '../core/events.js'
import type { ListQuery } from '../core/ledger.js'
import type { SessionSummary } from '../core/record.js'
import { identifierOf, parseSessionId, type Identify, type SessionId } from '../core/session-id.js'
import type { EngineSettings } from '../core/session-options.js'
import { closeTiers } from './close-tiers.js'
import { checkHealth, type EngineHealth } from './health.js'
import { createIdChain, type IdChain } from './id-chain.js'
import { listSessions } from './list-sessions.js'
import type { LoadedSession } from './loaded-session.js'
import { logEvents } from './log-events.js'
import { pagesOf } from './pages.js'
import { ReadPath } from './read-path.js'
import { Removal } from './removal.js'
import { countSessions, type SessionStats } from './session-stats.js'
import type { SessionWrite, WriteOutcome } from './session-write.js'
import { Sweeper, type SweepResult } from './sweeper.js'
import { createTiers, type EngineParts, type Tiers } from './tiers.js'
import { TouchBuffer, type Touchable } from './touch-buffer.js'
import { UnderWay } from './under-way.js'
import { WritePath } from './write-path.js'

/**
 * Sessions over a ledger and perhaps a cache, under every door. {@link openSessions} makes one.
 *
 * Reads go to what is fastest first, writes to the ledger first. Every method rejects with a
 * {@link LedgerUnavailableError} where no tier that can be trusted answers, and with a
 * {@link ClosedError} after `close()`. A failing cache is an event, never an error.
 */
export class SessionEngine {
  /** The options that are in force, defaults included. */
  readonly settings: EngineSettings
  readonly #identify: Identify
  readonly #loaded: Promise<void> | undefined
  readonly #tiers: Tiers
  readonly #chain: IdChain
  readonly #touches: TouchBuffer
  readonly #reads: ReadPath
  readonly #writes: WritePath
  readonly #removal: Removal
  readonly #sweeper: Sweeper
  readonly #underWay = new UnderWay()
  #closing: Promise<void> | undefined

  constructor(parts: EngineParts) {
    this.settings = parts.settings
    this.#loaded = parts.loaded
    this.#identify = identifierOf(parts.settings)
    this.#tiers = createTiers(parts)
    this.#chain = createIdChain(this.#tiers)
    this.#touches = new TouchBuffer(this.#tiers)
    this.#reads = new ReadPath(this.#tiers, this.#touches)
    this.#writes = new WritePath(this.#tiers)
    this.#removal = new Removal(this.#tiers)
    this.#sweeper = new Sweeper({ tiers: this.#tiers })
    logEvents(this.#tiers.events, parts.settings.logger)
    this.#tiers.bus?.start()
    this.#sweeper.start()
    this.#tiers.repairs?.start()
  }

  /** The public id of a cookie's id, or `undefined` where the value can not be an id. */
  idOf(cookieId: unknown): SessionId | undefined {
    return this.#identify(cookieId)
  }

  /** Calls `listener` at each event of this name, until the function that is returned is called. */
  on<Name extends SessionEventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#tiers.events.on(name, listener)
  }

  /** Tells all listeners of what a door has seen. */
  emit<Name extends DoorEventName>(name: Name, event: SessionEvents[Name]): void {
    this.#tiers.events.emit(name, event)
  }

  /** Resolves once the ledger can be used, cache or not. May be asked again after it rejected. */
  async ready(): Promise<void> {
    if (this.#closing) throw new ClosedError()
    await this.#loaded
    await this.#tiers.ledger.ready()
  }

  /**
   * The session as this process remembers it, at once and without a promise; `undefined` where only
   * {@link SessionEngine.read} can tell.
   */
  recall(id: SessionId): LoadedSession | undefined {
    return this.#closing || this.#chain.pending(id) ? undefined : this.#reads.recall(id)
  }

  /** The live session of this id; it waits for a write of it that this process has under way. */
  read(id: SessionId): Promise<LoadedSession | undefined> {
    return this.#whileOpen(() => {
      const pending = this.#chain.pending(id)
      return pending ? this.#reads.readAfter(pending, id) : this.#reads.read(id)
    })
  }

  /**
   * Commits a session as it is now, merged with what others committed since the cursor's base, and
   * moves the cursor on. It is acknowledged once the ledger holds it.
   *
   * @throws {@link SerializationError}, {@link ConflictError}, {@link InvalidRecordError}, and
   * {@link InvalidOptionError} where `ttl` is no time
   */
  write(id: SessionId, write: SessionWrite): Promise<WriteOutcome> {
    return this.#whileOpen(() => {
      const prepared = this.#writes.prepare(id, write)
      return this.#chain.run(id, 'commit', () =>
        this.#touches.givingWay(id, prepared.ttl, () => this.#writes.write(prepared, write.cursor)),
      )
    })
  }

  /** Moves a session's expiry to `ttl` ms from now, soon; visible to this process at once. */
  touch(session: Touchable, ttl: number): void {
    if (this.#closing) throw new ClosedError()
    this.#touches.add(session, ttl)
  }

  /**
   * Has lists show that the session is in use, soon; its expiry stays. Each call is one touch of the
   * ledger, so that whoever calls it often has to choose.
   */
  see(session: Touchable): void {
    if (this.#closing) throw new ClosedError()
    this.#touches.see(session)
  }

  /**
   * Ends a session, and answers whether it was live. Idempotent; a session that is still being
   * inserted is ended too.
   */
  remove(id: SessionId, reason = 'removed'): Promise<boolean> {
    return this.#whileOpen(() => this.#remove(id, reason))
  }

  /**
   * As {@link SessionEngine.remove}, by the id that lists show; `false` where no such session is
   * live.
   */
  revoke(publicId: string, reason = 'revoked'): Promise<boolean> {
    return this.#whileOpen(async () => {
      const id = parseSessionId(publicId)
      if (id === undefined) return false
      const isLive = this.#reads.isLive(id)
      return (await this.#removal.orRefuse(isLive, { id, reason })) && this.#remove(id, reason)
    })
  }

  /** Ends a user's sessions, all but `except`, and answers how many there were. */
  removeUser(
    userId: string | number,
    options: { except?: SessionId | undefined; reason?: string } = {},
  ): Promise<number> {
    const { except, reason = 'user' } = options
    return this.#whileOpen(() => this.#removal.removeUser(userId, { except, reason }))
  }

  /** Ends every session of this context, and answers how many there were. */
  removeAll(reason = 'cleared'): Promise<number> {
    return this.#whileOpen(() => this.#removal.removeAll({ reason }))
  }

  /** A page of live sessions, ordered by public id. */
  list(query: Partial<ListQuery> = {}): Promise<readonly SessionSummary[]> {
    return this.#whileOpen(() => listSessions(this.#tiers, query))
  }

  /** All live sessions that {@link SessionEngine.list} would page through. */
  async *summaries(query: { userId?: string | undefined } = {}): AsyncGenerator<SessionSummary> {
    for await (const page of this.pages(query)) yield* page
  }

  /** All pages of {@link SessionEngine.list}. */
  pages(query: { userId?: string | undefined } = {}): AsyncGenerator<readonly SessionSummary[]> {
    return pagesOf((page) => this.list({ ...query, ...page }))
  }

  /** What the ledger holds for an id that a list showed. */
  readListed(publicId: string): Promise<LoadedSession | undefined> {
    return this.#whileOpen(async () => {
      const id = parseSessionId(publicId)
      return id && this.#reads.fromLedger(id)
    })
  }

  /** Deletes what has expired, now. */
  sweep(): Promise<SweepResult> {
    return this.#whileOpen(() => this.#sweeper.sweep())
  }

  /** Counts of this context's sessions, and of what this process did. */
  stats(): Promise<SessionStats> {
    return this.#whileOpen(() => countSessions(this.#tiers))
  }

  /** Asks each tier for an answer. Never rejects. */
  health(): Promise<EngineHealth> {
    const [writes, reads, touches] = [this.#writes, this.#reads, this.#touches]
    const [removal, chain] = [this.#removal, this.#chain]
    return checkHealth(this.#tiers, { writes, reads, touches, removal, chain })
  }

  /** The ledger's time as it is best known here, epoch ms: the clock that all processes share. */
  now(): number {
    return this.#tiers.ledger.now()
  }

  /**
   * A time of the ledger on this process's wall clock, for whoever hands it to a browser. Epoch ms.
   */
  toLocalTime(ledgerTime: number): number {
    const { ledger, settings } = this.#tiers
    return Math.round(ledgerTime - ledger.now() + settings.clock.now())
  }

  /**
   * Waits for what is under way, persists what is buffered, and closes what it opened. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  #remove(id: SessionId, reason: string): Promise<boolean> {
    const isBusy = this.#chain.isBusy(id)
    const removing = this.#chain.run(id, 'revoke', () => {
      this.#touches.forget(id)
      return this.#removal.remove(id, reason)
    })
    return isBusy ? this.#removal.refuseUntil(removing, { id, reason }) : removing
  }

  async #drain(): Promise<void> {
    this.#tiers.ledger.beginClosing()
    await Promise.all([this.#sweeper.stop(), this.#writes.stop()])
    await this.#underWay.idle()
    await this.#chain.idle()
    await closeTiers(this.#tiers, { touches: this.#touches, removal: this.#removal })
  }

  /** What `close()` waits for. Creating tables has no deadline, and is not among it. */
  #whileOpen<T>(task: () => Promise<T>): Promise<T> {
    return this.#closing ? Promise.reject(new ClosedError()) : this.#underWay.run(task)
  }
}
