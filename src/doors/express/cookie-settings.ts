import { isSameLifetime } from '../../core/merge.js'

/** A cookie without its expiry, which every request moves. */
export interface CookieSettings {
  readonly maxAge: number | undefined
  readonly others: string
}

const OTHERS = [
  'path',
  'domain',
  'secure',
  'httpOnly',
  'sameSite',
  'partitioned',
  'priority',
] as const

/** The settings of a cookie, of express-session's class or plain. */
export function cookieSettings(cookie: unknown): CookieSettings {
  const given = Object(cookie) as Record<string, unknown>
  const { originalMaxAge } = given
  return {
    maxAge: typeof originalMaxAge === 'number' ? originalMaxAge : undefined,
    others: JSON.stringify(OTHERS.map((name) => settingOf(given[name]))),
  }
}

/** Nothing else is a setting; some of it has no form in JSON, which is for the serializer to tell. */
function settingOf(value: unknown): string | boolean | null {
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** Whether a touch is enough, because nothing but the expiry moved. */
export function isSameCookie(one: CookieSettings, other: CookieSettings): boolean {
  return one.others === other.others && isSameLifetime(one.maxAge, other.maxAge)
}
