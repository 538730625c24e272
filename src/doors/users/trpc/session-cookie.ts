import { parseCookie, stringifySetCookie } from 'cookie'
import { InvalidOptionError } from '../../../core/errors.js'
import { aBoolean, checkOptions, type Check, type Checks } from '../../../core/options.js'
import { AUTH_CONSTANTS } from '../constants.js'
import { getEnvironment } from '../environment.js'
import { CredentialError } from '../errors.js'

/** A response of node's http: a server's own, Express's, or that of Next's pages. */
export interface NodeResponse {
  getHeader(name: string): number | string | string[] | undefined
  setHeader(name: string, value: readonly string[]): unknown
}

/** The headers of a fetch response: `resHeaders` of tRPC's adapter, `response.headers`. */
export interface FetchHeaders {
  get(name: string): string | null
  append(name: string, value: string): void
}

/** Which cookie holds the session id. */
export interface SessionCookieOptions {
  /** Default: `sessionId`. In production it stands behind `__Host-`. */
  readonly name?: string | undefined

  /**
   * Whether the cookie is `Secure` and its name begins with `__Host-`: browsers then take it over
   * https only, and from no other host of the domain. Default: whether {@link getEnvironment} says
   * so.
   */
  readonly isProduction?: boolean | undefined
}

/** The options of {@link appendSessionCookie}. */
export interface NewSessionCookieOptions extends SessionCookieOptions {
  /** How long the browser keeps it. Default: `AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS`. */
  readonly ttlSeconds?: number | undefined
}

/** RFC 9110, 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/

/** The cookie-octets of RFC 6265, 4.1.1, none of which needs an encoding. */
const sessionId = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,256}$/

/** What begins so is a promise to browsers, which `isProduction` makes; they drop it where it is broken. */
const promise = /^__(?:host|secure)-/i

const aToken: Check = (value) =>
  typeof value === 'string' && token.test(value) && !promise.test(value)
    ? undefined
    : 'must be 1 to 64 characters that the name of a cookie may have, and not begin with __Host- or __Secure-'

const aLifetime: Check = (value) =>
  typeof value === 'number' && value >= 1 && value <= Number.MAX_SAFE_INTEGER
    ? undefined
    : 'must be a number of seconds, at least 1'

/** The checks of {@link SessionCookieOptions}. */
export const sessionCookieChecks: Checks<SessionCookieOptions> = {
  name: aToken,
  isProduction: aBoolean,
}

const newSessionCookieChecks: Checks<NewSessionCookieOptions> = {
  ...sessionCookieChecks,
  ttlSeconds: aLifetime,
}

/** Whether a value may be the id in a cookie: 1 to 256 characters that need no encoding there. */
export function isCookieId(value: unknown): value is string {
  return typeof value === 'string' && sessionId.test(value)
}

/** The cookie's name: `sessionId`, in production `__Host-sessionId`. */
export function sessionCookieName(options: SessionCookieOptions = {}): string {
  checkOptions(options, sessionCookieChecks)
  const { name = 'sessionId' } = options
  return isProduction(options) ? `__Host-${name}` : name
}

/**
 * Sends a session's id to the browser, beside whatever cookies the response sets already: HttpOnly,
 * `SameSite=Lax`, for the whole site.
 *
 * @throws {@link InvalidOptionError}, also for what can be no id.
 */
export function appendSessionCookie(
  response: NodeResponse | FetchHeaders,
  id: string,
  options: NewSessionCookieOptions = {},
): void {
  checkOptions(options, newSessionCookieChecks)
  if (!isCookieId(id)) {
    throw new InvalidOptionError('sessionId', 'must be 1 to 256 characters that a cookie may hold')
  }
  const { ttlSeconds = AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS, ...rest } = options
  append(response, toSetCookie(id, { ...rest, maxAge: Math.floor(ttlSeconds) }))
}

/** Has the browser forget the session's id: the same cookie, whose time is over. */
export function clearSessionCookie(
  response: NodeResponse | FetchHeaders,
  options: SessionCookieOptions = {},
): void {
  append(response, toSetCookie('', { ...options, maxAge: 0 }))
}

/**
 * The session id in a `Cookie` header; `undefined` where there is none, or what is there can be no
 * id.
 *
 * @throws {@link CredentialError} for two different ones. No order among cookies says which of them
 * is this site's: one may be planted by another host of the domain.
 */
export function readSessionCookie(
  header: string | null | undefined,
  options: SessionCookieOptions = {},
): string | undefined {
  const name = sessionCookieName(options)
  const [id, ...others] = new Set((header ?? '').split(';').flatMap((pair) => idIn(pair, name)))
  if (others.length > 0) throw new CredentialError('has two session cookies that differ')
  return id
}

function idIn(pair: string, name: string): string[] {
  const value = parseCookie(pair, { decode: asItIs })[name]
  return isCookieId(value) ? [value] : []
}

function toSetCookie(
  value: string,
  { maxAge, ...options }: SessionCookieOptions & { maxAge: number },
): string {
  const attributes = { maxAge, path: '/', httpOnly: true, sameSite: 'lax' } as const
  const cookie = { name: sessionCookieName(options), value, ...attributes }
  return stringifySetCookie({ ...cookie, secure: isProduction(options) }, { encode: asItIs })
}

function append(response: NodeResponse | FetchHeaders, cookie: string): void {
  const { SET_COOKIE_HEADER: header } = AUTH_CONSTANTS
  // Express's responses have an `append` as well.
  if (!('getHeader' in response)) {
    response.append(header, cookie)
    return
  }
  const held = response.getHeader(header) ?? []
  response.setHeader(header, [held, cookie].flat().map(String))
}

function isProduction({ isProduction = getEnvironment() === 'production' }: SessionCookieOptions) {
  return isProduction
}

const asItIs = (value: string): string => value
