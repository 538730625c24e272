import type { SessionSummary } from '../../../core/record.js'
import type { SessionContent } from '../../../core/merge.js'
import { userSessionIn } from '../../../core/user-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { toSessionError } from '../errors.js'
import type { ActiveSession } from '../results.js'
import { fieldsOf } from './token-content.js'

/** All sessions that are live, of one user or of everybody; each is read, because lists show no content. */
export async function activeSessions(
  engine: SessionEngine,
  userId?: string,
): Promise<ActiveSession[]> {
  const sessions: ActiveSession[] = []
  for await (const page of engine.pages({ userId })) {
    const contents = await Promise.all(page.map(({ id }) => contentOf(engine, id)))
    // What ended in between is not there any more.
    sessions.push(...page.flatMap((each, at) => toActive(each, contents[at]) ?? []))
  }
  return sessions
}

/** `undefined` for one that has ended; one that can not be decrypted is there, whatever is in it. */
async function contentOf(engine: SessionEngine, id: string): Promise<SessionContent | undefined> {
  try {
    return (await engine.readListed(id))?.content
  } catch (error) {
    if (toSessionError(error).type === 'ENCRYPTION_ERROR') return {}
    throw error
  }
}

function toActive(summary: SessionSummary, content?: SessionContent): ActiveSession | undefined {
  if (!content) return undefined
  const { id, ip, userAgent, createdAt, lastSeenAt, expiresAt } = summary
  const owner = userSessionIn(content)
  return {
    id,
    ...(owner ? { userId: owner.userId } : {}),
    ...('tokens' in content ? fieldsOf(content) : {}),
    createdAt: new Date(createdAt),
    lastSeenAt: new Date(lastSeenAt),
    expiresAt: new Date(expiresAt),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  }
}
