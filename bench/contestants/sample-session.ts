import type session from 'express-session'

/** How long a session's JSON is, in characters. */
export const SAMPLE_LENGTH = 528

/** How long sessions live, ms. */
export const LIFETIME = 86_400_000

const expires = new Date(Date.now() + LIFETIME)

declare module 'express-session' {
  interface SessionData {
    userId?: string
    visits?: number
    cart?: readonly { readonly sku: string; readonly count: number }[]
    note?: string
  }
}

/** A session such as a shop has it: a user, a counter, a cart, and text up to 528 characters of JSON. */
export function sampleSession(number: number): session.SessionData {
  const cookie = { originalMaxAge: LIFETIME, expires, httpOnly: true, path: '/' }
  const data = {
    cookie: cookie as unknown as session.Cookie,
    userId: `user-${String(number).padStart(7, '0')}`,
    visits: 1_000_000,
    cart: Array.from({ length: 4 }, (_, item) => ({ sku: `article-${item}`, count: item + 1 })),
    note: '',
  }
  return { ...data, note: 'n'.repeat(SAMPLE_LENGTH - JSON.stringify(data).length) }
}

/** The id that the cookie of a session holds; as long as those that express-session makes. */
export function sampleId(number: number): string {
  return `bench-session-${String(number).padStart(18, '0')}`
}
