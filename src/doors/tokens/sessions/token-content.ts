import type { SessionContent } from '../../../core/merge.js'
import { toContent, userSessionIn, type UserSessionContent } from '../../../core/user-session.js'
import { familyIn, type TokenFamily } from '../refresh/token-family.js'

/** What a session of this door holds besides what a user's session of any door does. */
export interface TokenContent {
  readonly orgId: string
  readonly deviceId?: string | undefined
  readonly tokens: TokenFamily
}

/** A session's content, for the engine. */
export function toTokenContent(user: UserSessionContent, content: TokenContent): SessionContent {
  return { ...toContent(user), ...content }
}

/** The content with another family. */
export function withFamily(content: SessionContent, tokens: TokenFamily): SessionContent {
  return { ...content, tokens }
}

/** What a session holds, if it is one of this door; `undefined` for others, and for what was damaged. */
export function tokenContentIn(
  content: SessionContent,
): (UserSessionContent & TokenContent) | undefined {
  const user = userSessionIn(content)
  const tokens = familyIn(content)
  const { orgId, deviceId } = content
  if (!user || !tokens || typeof orgId !== 'string') return undefined
  return { ...user, ...fieldsOf({ orgId, deviceId }), tokens }
}

/** What else lists show of a session of this door. */
export function fieldsOf({ orgId, deviceId }: SessionContent) {
  return {
    orgId: typeof orgId === 'string' ? orgId : '',
    ...(typeof deviceId === 'string' ? { deviceId } : {}),
  }
}
