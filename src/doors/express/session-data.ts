import type { SessionData } from 'express-session'
import type { SessionContent } from '../../core/merge.js'
import type { LoadedSession } from '../../engine/loaded-session.js'
import { carriedFrom, carry, type Carried } from './carry.js'

/**
 * A loaded session as express-session wants it. The cookie's `expires` is the record's own: what is
 * in the stored text may have been touched since. A cookie without one, which lasts as long as its
 * browser, stays without.
 *
 * @param expiresAt - the record's expiry on this process's clock, epoch ms.
 */
export function toSessionData(loaded: LoadedSession, expiresAt: number): SessionData {
  const content = loaded.content as Record<string, unknown>
  carry(content, carriedFrom(loaded))
  const { cookie } = content
  if (isObject(cookie) && cookie['expires']) {
    const stored = new Date(cookie['expires'] as string)
    const isUntouched = Math.abs(stored.getTime() - expiresAt) <= CLOCK_ERROR
    cookie['expires'] = isUntouched ? stored : new Date(expiresAt)
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
