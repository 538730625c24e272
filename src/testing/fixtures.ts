import { randomUUID } from 'node:crypto'
import type { Change, Revocation } from '../core/ledger.js'
import type { SessionRecord } from '../core/record.js'
import { hashedIds, type SessionId } from '../core/session-id.js'

const HOUR = 3_600_000
const identify = hashedIds('web')

/** The public id, in the context `web`, of a cookie's id; a new one where none is given. */
export function anId(cookieId: string = randomUUID()): SessionId {
  const id = identify(cookieId)
  if (id === undefined) throw new TypeError('An id must not be empty')
  return id
}

/** A record as a ledger would have committed it: version 1 of one session, with an hour to live. */
export function aRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: anId('a session'),
    version: 1,
    writeId: randomUUID(),
    data: '{"visits":1}',
    expiresAt: Date.now() + HOUR,
    absoluteExpiresAt: undefined,
    ...fields,
  }
}

/**
 * The insert of a new session, with an hour to live; give its id and its last commit as `base` for
 * an update, whose writer has seen nothing higher.
 */
export function aChange(fields: Partial<Change> = {}): Change {
  return {
    id: anId(),
    base: undefined,
    above: fields.base?.version ?? 0,
    writeId: randomUUID(),
    data: '{"visits":1}',
    ttl: HOUR,
    userId: undefined,
    device: undefined,
    absoluteTtl: undefined,
    repair: false,
    ...fields,
  }
}

/** The end of a session for the reason `logout`. */
export function aRevocation(fields: Partial<Revocation> & Pick<Revocation, 'id'>): Revocation {
  return { reason: 'logout', absentTtl: 0, repair: false, ...fields }
}
