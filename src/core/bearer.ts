/** Whether the scheme is Bearer, whatever follows: no character of a longer scheme's name. */
const IS_BEARER = /^[ \t]*bearer(?![!#$%&'*+.^_`|~0-9A-Za-z-])/i

/** RFC 6750, 2.1: the scheme, a space or more, a b64token. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * The token of an `Authorization` header; `undefined` for another scheme or none, `'malformed'` where
 * the scheme is Bearer and what follows is no token.
 */
export function readBearer(header = ''): { readonly token: string } | 'malformed' | undefined {
  if (!IS_BEARER.test(header)) return undefined
  const token = BEARER.exec(header)?.[1]
  return token === undefined ? 'malformed' : { token }
}
