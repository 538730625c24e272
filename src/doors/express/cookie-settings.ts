import { isSameLifetime } from '../../core/merge.js'

type Setting = string | boolean | null

/** A cookie without its expiry, which every request moves. */
export interface CookieSettings {
  readonly maxAge: number | undefined
  readonly path: Setting
  readonly domain: Setting
  readonly secure: Setting
  readonly httpOnly: Setting
  readonly sameSite: Setting
  readonly partitioned: Setting
  readonly priority: Setting
}

/** The settings of a cookie, of express-session's class or plain. */
export function cookieSettings(cookie: unknown): CookieSettings {
  const given = Object(cookie) as Record<string, unknown>
  const { originalMaxAge } = given
  return {
    maxAge: typeof originalMaxAge === 'number' ? originalMaxAge : undefined,
    path: settingOf(given['path']),
    domain: settingOf(given['domain']),
    secure: settingOf(given['secure']),
    httpOnly: settingOf(given['httpOnly']),
    sameSite: settingOf(given['sameSite']),
    partitioned: settingOf(given['partitioned']),
    priority: settingOf(given['priority']),
  }
}

/** Nothing else is a setting; some of it has no form in JSON, which is for the serializer to tell. */
function settingOf(value: unknown): Setting {
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** Whether a touch is enough, because nothing but the expiry moved. */
export function isSameCookie(one: CookieSettings, other: CookieSettings): boolean {
  return (
    isSameLifetime(one.maxAge, other.maxAge) &&
    one.path === other.path &&
    one.domain === other.domain &&
    one.secure === other.secure &&
    one.httpOnly === other.httpOnly &&
    one.sameSite === other.sameSite &&
    one.partitioned === other.partitioned &&
    one.priority === other.priority
  )
}
