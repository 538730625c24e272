import { Session, type SessionData, type Store } from 'express-session'
import { InvalidSessionIdError, SerializationError } from '../../core/errors.js'
import { lifetimeOf } from '../../core/expiry.js'
import type { SessionContent } from '../../core/merge.js'
import type { SessionId } from '../../core/session-id.js'
import type { LoadedSession } from '../../engine/loaded-session.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import { carriedBy, carriedUnder, carry, type Carried } from './carry.js'
import { cookieSettings, isSameCookie } from './cookie-settings.js'
import { deviceOf, type DescribeDevice } from './device.js'
import { PreviousStore } from './previous-store.js'
import { toContent, toSessionData } from './session-data.js'

/** What a {@link SessionAccess} works with. */
export interface AccessOptions {
  readonly engine: SessionEngine
  readonly device: DescribeDevice | false
  readonly migrateFrom: Store | undefined
}

/**
 * One session at a time, by the id that its cookie has: express-session's words put into the
 * engine's.
 */
export class SessionAccess {
  readonly #engine: SessionEngine
  readonly #device: DescribeDevice | false
  readonly #previous: PreviousStore | undefined

  constructor({ engine, device, migrateFrom }: AccessOptions) {
    this.#engine = engine
    this.#device = device
    this.#previous = migrateFrom && new PreviousStore(migrateFrom)
  }

  /**
   * The live session, carrying what its next save builds upon; `null` where there is none. At once
   * where this process remembers it.
   */
  load(sid: string): SessionData | null | Promise<SessionData | null> {
    const id = this.#engine.idOf(sid)
    if (id === undefined) return null
    const recalled = this.#engine.recall(id)
    if (!recalled) return this.#read(id, sid)
    try {
      return this.present(recalled, sid)
    } catch {
      // Whoever reads it again has the error told to the callback.
      return this.#read(id, sid)
    }
  }

  async #read(id: SessionId, sid: string): Promise<SessionData | null> {
    const loaded = (await this.#engine.read(id)) ?? (await this.#adopt(id, sid))
    return loaded ? this.present(loaded, sid) : null
  }

  /** A loaded session as express-session wants it; `sid` is what it was read by, if that is a cookie's. */
  present(loaded: LoadedSession, sid?: string): SessionData {
    return toSessionData(loaded, this.#engine.toLocalTime(loaded.expiresAt), sid)
  }

  /**
   * Stores a session, upon what it carries; one that is newly generated is inserted. @throws
   * {@link SessionError}
   */
  async save(sid: string, data: SessionData): Promise<void> {
    const known = carriedUnder(data, sid)
    const id = known?.id ?? this.#existingId(sid)
    checkSession(data)
    const carried = known ?? carriedBy(data, id) ?? begin({ id, sid }, data)
    const cookie = cookieSettings(data.cookie)
    const isUpdate = typeof carried.cursor.base === 'object'
    await this.#engine.write(id, {
      content: toContent(data, carried),
      ttl: this.#lifetimeOf(data),
      cursor: carried.cursor,
      device: isUpdate ? undefined : deviceOf(data, this.#device),
    })
    carried.cookie = cookie
  }

  /**
   * Moves the expiry as the cookie says; at once, where nothing else is to be asked or stored.
   */
  touch(sid: string, data: SessionData): Promise<void> | undefined {
    try {
      const carried = carriedUnder(data, sid)
      const base = carried?.cursor.base
      if (typeof base !== 'object' || !hasSameCookie(data, carried)) return this.#touch(sid, data)
      this.#engine.touch(base, this.#lifetimeOf(data))
      return undefined
    } catch (error) {
      return failed(error)
    }
  }

  /** A cookie whose settings changed is saved: a touch would lose them. */
  async #touch(sid: string, data: SessionData): Promise<void> {
    const id = this.#existingId(sid)
    checkSession(data)
    const carried = carriedBy(data, id)
    if (!hasSameCookie(data, carried)) return this.save(sid, data)
    const base = carried?.cursor.base
    const touchable = typeof base === 'object' ? base : await this.#engine.read(id)
    if (touchable) this.#engine.touch(touchable, this.#lifetimeOf(data))
  }

  /** Ends a session, here and in the store that was used before. */
  async end(sid: string): Promise<void> {
    const id = this.#engine.idOf(sid)
    if (id === undefined) return
    await this.#engine.remove(id, 'destroyed')
    await this.#previous?.end(sid)
  }

  /**
   * A session of the store before becomes ours, once: whatever is here already stands, its
   * tombstone too. It is ended there, so that what ends here later is not found there again.
   */
  async #adopt(id: SessionId, sid: string): Promise<LoadedSession | undefined> {
    if (!this.#previous) return undefined
    const data = await this.#previous.load(sid)
    // Another request may have adopted it, and ended it there, since it was looked for here.
    if (!data) return this.#engine.read(id)
    const ttl = this.#lifetimeOf(data)
    if (ttl <= 0) return undefined
    const content = toContent(data, undefined)
    const outcome = await this.#engine.write(id, { content, ttl, cursor: { base: 'absent' } })
    if (outcome === 'written') await this.#previous.end(sid).catch(ignore)
    return outcome === 'gone' ? undefined : this.#engine.read(id)
  }

  #existingId(sid: unknown): SessionId {
    const id = this.#engine.idOf(sid)
    if (id === undefined) throw new InvalidSessionIdError()
    return id
  }

  #lifetimeOf(data: object): number {
    const { ttl, clock } = this.#engine.settings
    return lifetimeOf(data, () => ttl(data as SessionContent), clock.now())
  }
}

function checkSession(data: unknown): void {
  if (typeof data !== 'object' || data === null) throw new SerializationError('it is no object')
}

/** Whether the cookie's settings are what is stored, as far as that is known. */
function hasSameCookie(data: SessionData, carried: Carried | undefined): boolean {
  return !carried || isSameCookie(carried.cookie, cookieSettings(data.cookie))
}

/**
 * What a session begins with that was never loaded. One of express-session's class is newly
 * generated: it is inserted, and carries what comes of it. Any other object is a caller's from
 * outside, who means what is stored to be just this.
 */
function begin({ id, sid }: Pick<Carried, 'id' | 'sid'>, data: SessionData): Carried {
  const isGenerated = data instanceof Session
  const carried: Carried = {
    id,
    sid,
    tier: undefined,
    cursor: { base: isGenerated ? 'new' : 'any' },
    cookie: cookieSettings(data.cookie),
    hidden: undefined,
  }
  if (isGenerated) carry(data, carried)
  return carried
}

async function failed(error: unknown): Promise<never> {
  throw error
}

/** It stays there until it expires, which is what it would have done. */
function ignore(): void {
  return undefined
}
