import type { SessionSummary } from '../../../core/record.js'
import type { UserSession } from '../user-manager.js'

/** A session as its user may see it. */
export function toUserSession(summary: SessionSummary, isCurrent: boolean): UserSession {
  const { id, ip, userAgent, createdAt, lastSeenAt, expiresAt } = summary
  return {
    id,
    isCurrent,
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
    createdAt: new Date(createdAt),
    lastSeenAt: new Date(lastSeenAt),
    expiresAt: new Date(expiresAt),
  }
}
