/** What of a pair of tokens nobody may be told: each whole, and each part that is of use without the rest. */
export function tokenParts({
  token,
  refreshToken,
}: {
  readonly token: string
  readonly refreshToken: string
}): string[] {
  const [, payload = '', signature = ''] = token.split('.')
  const body = refreshToken.replace(/^hfr_/, '')
  // It begins with the public id of the session, which lists and logs show, and goes on with the secret.
  const secret = body.slice(48)
  const parts = [token, payload, signature, refreshToken, body, secret, secret.slice(0, 40)]
  if (parts.some((part) => part.length < 40)) throw new TypeError('These are no tokens')
  return parts
}
