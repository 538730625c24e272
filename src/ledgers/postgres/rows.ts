import type { SessionRecord, SessionSummary } from '../../core/record.js'
import type { Context } from '../../core/session-id.js'
import { toSessionId } from '../../core/session-id.js'
import { numberIn, optionalTextIn, textIn } from '../../drivers/postgres/columns.js'
import type { Row } from '../../drivers/postgres/sql-client.js'

/**
 * The record in a row with its id, version and times; who wrote it, and what, may be known from
 * elsewhere.
 */
export function toRecord(
  row: Row,
  { writeId, data }: Pick<SessionRecord, 'writeId' | 'data'>,
): SessionRecord {
  return {
    id: toSessionId(textIn(row, 'id')),
    version: numberIn(row, 'version'),
    writeId,
    data,
    expiresAt: numberIn(row, 'expires_at'),
    absoluteExpiresAt:
      optionalTextIn(row, 'absolute_at') === undefined ? undefined : numberIn(row, 'absolute_at'),
  }
}

/** The summary in a row of `list`. */
export function toSummary(row: Row, context: Context): SessionSummary {
  const userId = optionalTextIn(row, 'user_id')
  const ip = optionalTextIn(row, 'ip')
  const userAgent = optionalTextIn(row, 'user_agent')
  return {
    id: textIn(row, 'id'),
    ...(userId === undefined ? {} : { userId }),
    context,
    createdAt: numberIn(row, 'created_at'),
    lastSeenAt: numberIn(row, 'updated_at'),
    expiresAt: numberIn(row, 'expires_at'),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  }
}
