import type { Device } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { isTombstone, toRecord, type StoredSession } from '../../core/stored-session.js'
import {
  checkOf,
  OFFSETS,
  packRecord,
  packTime,
  packVersion,
  unpack,
  WIDTHS,
} from '../../drivers/redis/record-format.js'

/** What stands where a cache's records name the run of Redis that took them in. */
const NO_RUN = 'ledger--'

/** Where a tombstone's expiry stands: behind its version. */
export const TOMBSTONE_EXPIRY = OFFSETS.writeId
const REASON = TOMBSTONE_EXPIRY + WIDTHS.expiresAt

/** What a value says, or what is wrong with it. */
export type StoredValue =
  | { readonly kind: 'stored'; readonly session: StoredSession }
  | { readonly kind: 'corrupt'; readonly problem: string }

/** What the ledger knows of a session besides its record: a line of JSON before its text. */
interface Details {
  readonly userId: string | undefined
  readonly device: Device | undefined
  readonly createdAt: number
}

/**
 * Packs a session as a record of the cache's format, whose payload begins with a line of what only
 * a ledger knows, and whose `confirmedAt` is `updatedAt`; a tombstone with its expiry and its reason.
 *
 * @throws RangeError where its version or its `writeId` does not fit.
 */
export function packSession(session: StoredSession): string {
  const { id, version, expiresAt, updatedAt, revokedReason = '' } = session
  if (isTombstone(session)) {
    return `T${checkOf(id)}${packVersion(version)}${packTime(expiresAt)}${revokedReason}`
  }
  const { userId, device, createdAt } = session
  const line = JSON.stringify({ userId, device, createdAt } satisfies Details)
  const { head, payload } = packRecord({ ...toRecord(session), data: `${line}\n${session.data}` })
  return `${head}${packTime(updatedAt)}${NO_RUN}${payload}`
}

/** Reads a value that was found under this id's key. */
export function unpackSession(id: SessionId, context: Context, value: string): StoredValue {
  const found = unpack(id, value)
  if (found.kind === 'corrupt') return found
  if (found.kind === 'filling') return corrupt('it is a cache’s')
  if (found.kind === 'tombstone') return unpackTombstone(value, { id, context, ...found })
  const { record, stamp } = found
  const end = record.data.indexOf('\n')
  const details = toDetails(record.data.slice(0, Math.max(end, 0)))
  if (!details) return corrupt('it does not say when it was begun')
  const { confirmedAt: updatedAt } = stamp
  const data = record.data.slice(end + 1)
  return stored({ ...record, ...details, context, data, updatedAt, revokedReason: undefined })
}

function unpackTombstone(
  value: string,
  { id, context, version }: Pick<StoredSession, 'id' | 'context' | 'version'>,
): StoredValue {
  const expiry = value.slice(TOMBSTONE_EXPIRY, REASON)
  if (!/^\d{15}$/.test(expiry)) return corrupt('its expiry is not a number')
  return stored({
    id,
    context,
    version,
    writeId: '',
    data: '',
    userId: undefined,
    device: undefined,
    createdAt: 0,
    updatedAt: 0,
    expiresAt: Number(expiry),
    absoluteExpiresAt: undefined,
    revokedReason: value.slice(REASON),
  })
}

function toDetails(line: string): Details | undefined {
  try {
    const { userId, device, createdAt } = JSON.parse(line) as Record<keyof Details, unknown>
    if (typeof createdAt !== 'number') return undefined
    return { userId: textIn(userId), device: toDevice(device), createdAt }
  } catch {
    return undefined
  }
}

function toDevice(value: unknown): Device | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { ip, userAgent } = value as Record<keyof Device, unknown>
  return { ip: textIn(ip), userAgent: textIn(userAgent) }
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function stored(session: StoredSession): StoredValue {
  return { kind: 'stored', session }
}

function corrupt(problem: string): StoredValue {
  return { kind: 'corrupt', problem }
}
