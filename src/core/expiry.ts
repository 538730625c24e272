/** No session lives longer than a hundred years: what is asked for beyond is cut to it. ms. */
export const MAX_LIFETIME = 100 * 365.25 * 86_400_000

/**
 * How long a session is to live from now on, ms: until its cookie expires, or for the cookie's
 * `maxAge`, or for `fallback` where the cookie tells neither, or tells no number. Zero or less: it
 * has expired already.
 */
export function lifetimeOf(session: unknown, fallback: () => number, now: number): number {
  const cookie = cookieOf(session)
  for (const lifetime of [
    untilExpires(cookie, now),
    numberIn(cookie, 'maxAge'),
    numberIn(cookie, 'originalMaxAge'),
  ]) {
    if (lifetime !== undefined) return clamp(lifetime)
  }
  return clamp(fallback())
}

function clamp(lifetime: number): number {
  return Math.round(Math.min(lifetime, MAX_LIFETIME))
}

function cookieOf(session: unknown): Record<string, unknown> {
  if (typeof session !== 'object' || session === null || !('cookie' in session)) return {}
  const { cookie } = session
  return typeof cookie === 'object' && cookie !== null ? (cookie as Record<string, unknown>) : {}
}

function untilExpires(cookie: Record<string, unknown>, now: number): number | undefined {
  const { expires } = cookie
  if (!(expires instanceof Date) && typeof expires !== 'string') return undefined
  const time = new Date(expires).getTime()
  return Number.isNaN(time) ? undefined : time - now
}

function numberIn(cookie: Record<string, unknown>, key: string): number | undefined {
  const value = cookie[key]
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined
}
