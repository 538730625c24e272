import { types } from 'node:util'
import { Cookie, type SessionData } from 'express-session'
import type { SessionContent } from '../../core/merge.js'
import type { LoadedSession } from '../../engine/loaded-session.js'
import { carriedFrom, carry, type Carried } from './carry.js'

/**
 * A loaded session as express-session wants it. The cookie's `expires` is the record's own: what is
 * in the stored text may have been touched since. A cookie without one, which lasts as long as its
 * browser, stays without. Of a cookie that was stored damaged, what no Cookie can be made of is left
 * out.
 *
 * @param expiresAt - the record's expiry on this process's clock, epoch ms.
 * @param sid - the cookie's id that it was read by, if it was.
 */
export function toSessionData(loaded: LoadedSession, expiresAt: number, sid?: string): SessionData {
  const content = loaded.content as Record<string, unknown>
  carry(content, carriedFrom(loaded, sid))
  const { cookie } = content
  if (isObject(cookie)) leaveOutUnfit(cookie)
  else if (cookie) delete content['cookie']
  if (isObject(cookie) && cookie['expires']) {
    const stored = toDate(cookie['expires'])
    const isUntouched = Math.abs(stored.getTime() - expiresAt) <= CLOCK_ERROR
    cookie['expires'] = isUntouched ? stored : new Date(expiresAt)
    // Cookie would make another expiry of it, later or earlier than the record's.
    if ('maxAge' in cookie) delete cookie['maxAge']
  }
  return content as unknown as SessionData
}

/** A session as it is stored: plain, with what it could not hold itself put back. */
export function toContent(session: object, carried: Carried | undefined): SessionContent {
  const content: Record<string, unknown> = { ...carried?.hidden, ...session }
  const { cookie } = content
  if (isObject(cookie) && typeof cookie['toJSON'] === 'function') {
    content['cookie'] = (cookie as { toJSON(): unknown }).toJSON()
  }
  return content
}

/**
 * By how much (ms) one expiry may differ by the ledger's clock and this process's: within it, the
 * stored text is exact.
 */
const CLOCK_ERROR = 20

function leaveOutUnfit(cookie: Record<string, unknown>): void {
  for (const key of Object.keys(cookie)) {
    if (!isFit(key, cookie[key])) Reflect.deleteProperty(cookie, key)
  }
}

/** From now on, ms; beyond it there is no Date. */
const LONGEST = 5e15

/**
 * Cookie's own setters throw at a lifetime that is no number, it can not be sent at one that leads
 * to no date, and its methods can be hidden.
 */
function isFit(key: string, value: unknown): boolean {
  if (key === 'expires') return value === null || Boolean(value)
  if (key === 'maxAge' || key === 'originalMaxAge') {
    return value === null || (typeof value === 'number' && Math.abs(value) <= LONGEST)
  }
  return key !== '_expires' && !(key in Cookie.prototype)
}

function toDate(expires: unknown): Date {
  return new Date(typeof expires === 'string' || types.isDate(expires) ? expires : NaN)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
