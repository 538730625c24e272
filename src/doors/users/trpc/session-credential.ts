import { CredentialError } from '../errors.js'
import { isCookieId, readSessionCookie, type SessionCookieOptions } from './session-cookie.js'

/** The headers that may name a session. */
export interface CredentialHeaders {
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

/** Whether the scheme is Bearer, whatever follows: no character of a longer scheme's name. */
const isBearer = /^[ \t]*bearer(?![!#$%&'*+.^_`|~0-9A-Za-z-])/i

/** RFC 6750, 2.1: the scheme, a space or more, a b64token. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * The session id that a request brings in its cookie, or as `Authorization: Bearer`; `undefined`
 * where it brings none.
 *
 * @throws {@link CredentialError} where the Bearer token is malformed, or two different sessions
 * are named.
 */
export function readCredential(
  { cookie, authorization }: CredentialHeaders,
  options?: SessionCookieOptions,
): string | undefined {
  const fromCookie = readSessionCookie(cookie, options)
  const token = readBearer(authorization)
  if (fromCookie !== undefined && token !== undefined && fromCookie !== token) {
    throw new CredentialError('names one session in its cookie and another as Bearer token')
  }
  const id = token ?? fromCookie
  return isCookieId(id) ? id : undefined
}

/** The token of an `Authorization` header; `undefined` for another scheme. */
function readBearer(header = ''): string | undefined {
  if (!isBearer.test(header)) return undefined
  const token = bearer.exec(header)?.[1]
  if (token === undefined) throw new CredentialError('has a Bearer token that is none (RFC 6750)')
  return token
}
