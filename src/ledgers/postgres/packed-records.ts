import type { Touched } from '../../core/ledger.js'
import type { Live, SessionRecord, Tombstone } from '../../core/record.js'
import { toSessionId, type SessionId } from '../../core/session-id.js'
import type { Update } from './parameters.js'

type Columns = readonly string[]

/** What stands in a row of `read`. */
export function toEntry(
  columns: Columns,
  own: ReadonlyMap<string, SessionId>,
): [SessionId, Live | Tombstone] {
  const [text = '', versionText, revoked, expires, absolute, writeId = '', data = ''] = columns
  const [id, version] = [own.get(text) ?? toSessionId(text), Number(versionText)]
  if (revoked === 'true') return [id, { kind: 'tombstone', version }]
  const [expiresAt, absoluteExpiresAt] = [Number(expires), toTime(absolute)]
  const record = { id, version, writeId, data, expiresAt, absoluteExpiresAt }
  return [id, { kind: 'live', record }]
}

/** What stands in a row of `touch`. */
export function toTouched(columns: Columns): [SessionId, Touched] {
  const [id = '', version, revoked, expiresAt] = columns
  return [
    toSessionId(id),
    { version: Number(version), revoked: revoked === 'true', expiresAt: Number(expiresAt) },
  ]
}

/** The record that an update has made; its times are as the database told them. */
export function toUpdated(
  { id, base, above, writeId, data }: Update,
  expires: unknown,
  absolute: unknown,
): SessionRecord {
  const version = Math.max(base.version, above) + 1
  const [expiresAt, absoluteExpiresAt] = [Number(expires), toTime(absolute)]
  return { id, version, writeId, data, expiresAt, absoluteExpiresAt }
}

function toTime(text: unknown): number | undefined {
  return text === '' || text === null || text === undefined ? undefined : Number(text)
}
