import { Session } from 'express-session'
import type { SessionContent } from '../../core/merge.js'
import type { SessionId } from '../../core/session-id.js'
import type { LoadedSession } from '../../engine/loaded-session.js'
import type { SessionCursor } from '../../engine/session-write.js'
import { cookieSettings, type CookieSettings } from './cookie-settings.js'

/** What a session carries, unseen, from the store's `get` to its `set`. */
export interface Carried {
  readonly id: SessionId

  /** The cookie's id that this was hashed from, so that it is hashed once a request. */
  readonly sid: unknown

  /** Where its next save builds upon. */
  readonly cursor: SessionCursor

  /** Which tier it was read from; `undefined` for a session that this request began. */
  readonly tier: string | undefined

  /** The cookie's settings as they are stored. */
  cookie: CookieSettings

  /** Keys that express-session's own Session can not hold, for being named like its methods. */
  readonly hidden: SessionContent | undefined
}

/** Shared by all copies of this package that a program has. */
const CARRIED = Symbol.for('holdfast.carried')

/**
 * Puts it on a session. Neither enumerable nor a string key: express-session's copy, its JSON and
 * its change detection do not see it.
 */
export function carry(target: object, carried: Carried): void {
  Object.defineProperty(target, CARRIED, {
    value: carried,
    enumerable: false,
    configurable: true,
    writable: true,
  })
}

/**
 * What a session carries, if it is of this id: a regenerated session may have inherited that of the
 * one before.
 */
export function carriedBy(target: object, id?: SessionId): Carried | undefined {
  const carried = (target as { [CARRIED]?: Carried })[CARRIED]
  return carried && (id === undefined || carried.id === id) ? carried : undefined
}

/** What a session carries, if it was read by this cookie's id. */
export function carriedUnder(target: object | null | undefined, sid: unknown): Carried | undefined {
  const carried = target ? carriedBy(target) : undefined
  return carried && sid !== undefined && carried.sid === sid ? carried : undefined
}

/** What a session carries that was read just now, by this cookie's id where it was. */
export function carriedFrom(loaded: LoadedSession, sid?: string): Carried {
  const { id, tier, content } = loaded
  const cookie = cookieSettings(content['cookie'])
  return { id, sid, tier, cursor: { base: loaded }, cookie, hidden: hiddenIn(content) }
}

function hiddenIn(content: SessionContent): SessionContent | undefined {
  const keys = Object.keys(content)
  if (!keys.some(isHidden)) return undefined
  return Object.fromEntries(keys.filter(isHidden).map((key) => [key, content[key]]))
}

/** Session copies only what it does not have already, its prototype and these included. */
function isHidden(key: string): boolean {
  return key in Session.prototype || key === 'id' || key === 'req'
}
