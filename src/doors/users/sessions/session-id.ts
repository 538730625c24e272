import { randomBytes } from 'node:crypto'

/** No id that anybody issues is longer; what is, is not even hashed. */
const MOST_CHARACTERS = 1_024

/** An id for a cookie: 32 random bytes as base64url, 43 characters. */
export function generateSessionId(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a value may be an id that a cookie holds. */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MOST_CHARACTERS
}
