import type { SessionRecord, SessionSummary } from '../../core/record.js'
import type { Context } from '../../core/session-id.js'
import { toSessionId } from '../../core/session-id.js'
import type { Row } from './sql-client.js'

/** A number however the driver gives it: as a number, a bigint, or text. */
export function numberIn(row: Row, column: string): number {
  return Number(row[column])
}

/** A text that the column always has. */
export function textIn(row: Row, column: string): string {
  return String(row[column])
}

/** A text, or `undefined` where the column is null. */
export function optionalTextIn(row: Row, column: string): string | undefined {
  return row[column] === null || row[column] === undefined ? undefined : textIn(row, column)
}

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
