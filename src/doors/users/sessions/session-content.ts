import type { SessionContent } from '../../../core/merge.js'

/** What this door keeps in a session; an express-session store of the same context shows it too. */
export interface UserSessionContent {
  readonly userId: string

  /** The user's, when the session began. A session of another door has none. */
  readonly sessionEpoch?: number | undefined

  /** Epoch ms. */
  readonly createdAt?: number | undefined
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
}

/** What a session of this user holds. */
export function toContent(session: UserSessionContent): SessionContent {
  return { ...session }
}

/** What a session of whichever door says; `undefined` where it is nobody's. */
export function userSessionIn(content: SessionContent): UserSessionContent | undefined {
  const { userId, passport, sessionEpoch, createdAt, ip, userAgent } = content as Fields
  const owner = userId ?? passport?.user
  if (typeof owner !== 'string' && typeof owner !== 'number') return undefined
  return {
    userId: String(owner),
    sessionEpoch: numberOr(sessionEpoch),
    createdAt: numberOr(createdAt),
    ip: textOr(ip),
    userAgent: textOr(userAgent),
  }
}

interface Fields {
  readonly userId?: unknown
  readonly passport?: { readonly user?: unknown } | null
  readonly sessionEpoch?: unknown
  readonly createdAt?: unknown
  readonly ip?: unknown
  readonly userAgent?: unknown
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function textOr(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
