import type { Touched } from '../../core/ledger.js'
import type { Live, SessionRecord, Tombstone } from '../../core/record.js'
import { toSessionId, type SessionId } from '../../core/session-id.js'
import type { Update } from './parameters.js'

type Columns = readonly string[]

/**
 * What stands in the rows of `read`, under the caller's own text of each id: a part of the packed one
 * would keep all of that in memory. What was not asked for is nobody's.
 */
export function entriesOf(
  ids: readonly SessionId[],
  rows: readonly Columns[],
): ReadonlyMap<SessionId, Live | Tombstone> {
  const own = new Map(ids.map((id) => [String(id), id]))
  const entries = new Map<SessionId, Live | Tombstone>()
  for (const columns of rows) {
    const id = own.get(columns[0] ?? '')
    if (id !== undefined) entries.set(id, toEntry(id, columns))
  }
  return entries
}

function toEntry(id: SessionId, columns: Columns): Live | Tombstone {
  const [, versionText, revoked, expires, absolute, writeId = '', data = ''] = columns
  const version = Number(versionText)
  if (revoked === 'true') return { kind: 'tombstone', version }
  const [expiresAt, absoluteExpiresAt] = [Number(expires), toTime(absolute)]
  return { kind: 'live', record: { id, version, writeId, data, expiresAt, absoluteExpiresAt } }
}

/** What stands in a row of `touch`. */
export function toTouched(columns: Columns): [SessionId, Touched] {
  const [version, revoked, expiresAt, id = ''] = columns
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
