import { readBearer } from '../../../core/bearer.js'
import { CredentialError } from '../errors.js'
import { isCookieId, readSessionCookie, type SessionCookieOptions } from './session-cookie.js'

/** The headers that may name a session. */
export interface CredentialHeaders {
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

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
  const token = bearerIn(authorization)
  if (fromCookie !== undefined && token !== undefined && fromCookie !== token) {
    throw new CredentialError('names one session in its cookie and another as Bearer token')
  }
  const id = token ?? fromCookie
  return isCookieId(id) ? id : undefined
}

/** The token of an `Authorization` header; `undefined` for another scheme. */
function bearerIn(authorization: string | undefined): string | undefined {
  const bearer = readBearer(authorization)
  if (bearer !== 'malformed') return bearer?.token
  throw new CredentialError('has a Bearer token that is none (RFC 6750)')
}
