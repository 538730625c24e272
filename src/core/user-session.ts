import type { SessionContent } from './merge.js'

/** What is known of a user's session. */
export interface UserSessionContent {
  readonly userId: string

  /** The user's, when the session began. A session that began at another door has none. */
  readonly sessionEpoch?: number | undefined

  /** Epoch ms. */
  readonly createdAt?: number | undefined
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
}

/**
 * What a session of this user holds; an express-session store of the same context shows it too, and
 * may log somebody else in there: so the epoch says whose it is. Counts are keys, of which the highest
 * counts: whatever two requests stamp at once, a merge keeps both.
 */
export function toContent({ sessionEpoch: count, ...session }: UserSessionContent): SessionContent {
  return count === undefined ? { ...session } : stamped(session, { of: session.userId, count })
}

/** The content with this epoch of this user. */
export function stamped(
  content: SessionContent,
  { of, count }: { readonly of: string; readonly count: number },
): SessionContent {
  return { ...content, sessionEpoch: { of, counts: { [count]: true } } }
}

/** What a session of whichever door says; `undefined` where it is nobody's. */
export function userSessionIn(content: SessionContent): UserSessionContent | undefined {
  const { userId, passport, sessionEpoch, createdAt, ip, userAgent } = content as Fields
  const owner = userId ?? passport?.user
  if (typeof owner !== 'string' && typeof owner !== 'number') return undefined
  return {
    userId: String(owner),
    sessionEpoch: sessionEpoch?.of === owner ? highestIn(sessionEpoch.counts) : undefined,
    createdAt: numberOr(createdAt),
    ip: textOr(ip),
    userAgent: textOr(userAgent),
  }
}

interface Fields {
  readonly userId?: unknown
  readonly passport?: { readonly user?: unknown } | null
  readonly sessionEpoch?: { readonly of?: unknown; readonly counts?: unknown } | null
  readonly createdAt?: unknown
  readonly ip?: unknown
  readonly userAgent?: unknown
}

/** What can not be read is the lowest: it lets nobody in once an epoch has moved. */
function highestIn(counts: unknown): number {
  return Math.max(0, ...Object.keys(Object(counts) as object).map((key) => Number(key) || 0))
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function textOr(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
