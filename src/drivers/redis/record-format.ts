import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Live, SessionRecord, Tombstone } from '../../core/record.js'
import type { SessionId } from '../../core/session-id.js'

/**
 * How many ASCII characters each field of a value takes. A value is one string per session:
 *
 * | at  | width | field               | in                                                               |
 * | --- | ----- | ------------------- | ---------------------------------------------------------------- |
 * | 0   | 1     | `kind`              | all: `L` live, `T` tombstone, `F` filling                        |
 * | 1   | 8     | `check`             | all: whose value it is, see {@link checkOf}                      |
 * | 9   | 10    | `version`           | live, tombstone; a tombstone ends here                           |
 * | 9   | –     | run, then token     | filling; up to the end                                           |
 * | 19  | 36    | `writeId`           | live                                                             |
 * | 55  | 15    | `absoluteExpiresAt` | live: epoch ms in the ledger's time, or 15 dashes for none       |
 * | 70  | 1     | `encoding`          | live: `U` the text as UTF-8, `J` as a JSON string                |
 * | 71  | 8     | `checksum`          | live: CRC-32, see {@link checksumOf}, so that damage is seen      |
 * | 79  | 15    | `expiresAt`         | live: epoch ms in the ledger's time; a touch rewrites it in place |
 * | 94  | 15    | `confirmedAt`       | live: Redis TIME in ms, written by the script                    |
 * | 109 | 8     | `run`               | live: which run of the server it was written to, see `ServerRun` |
 * | 117 | –     | payload             | live; up to the end                                              |
 *
 * Fifteen digits of ms reach beyond the year 9999. `J` is for text with lone surrogates, which
 * UTF-8 can not hold.
 */
export const WIDTHS = {
  kind: 1,
  check: 8,
  version: 10,
  writeId: 36,
  absoluteExpiresAt: 15,
  encoding: 1,
  checksum: 8,
  expiresAt: 15,
  confirmedAt: 15,
  run: 8,
} as const

type Field = keyof typeof WIDTHS

/** Where each field begins, and, as `end`, where the payload does. */
export const OFFSETS: Readonly<Record<Field | 'end', number>> = offsets()

/** The latest time that a value can hold, epoch ms; a later one is held as this. */
export const LATEST = 10 ** WIDTHS.expiresAt - 1

/** The highest version that a value can hold. */
export const HIGHEST_VERSION = 10 ** WIDTHS.version - 1

/** A live record in two parts: the script puts `confirmedAt`, its own time, and `run` between them. */
export interface PackedRecord {
  readonly head: string
  readonly payload: string
}

/** When and where a record was last confirmed. */
export interface Stamp {
  /** Redis TIME, epoch ms. */
  readonly confirmedAt: number
  readonly run: string

  /** All of the header: it differs wherever something else is held. */
  readonly held: string
}

/** What a value says, or what is wrong with it. */
export type Unpacked =
  | (Live & { readonly stamp: Stamp })
  | Tombstone
  | { readonly kind: 'filling' }
  | { readonly kind: 'corrupt'; readonly problem: string }

/**
 * Eight characters that tell whose value it is, so that a mixed-up reply is never another visitor's
 * session. An id that is a hash itself says so with its own first ones; any other is hashed.
 */
export function checkOf(id: SessionId): string {
  const digest = HASHED.test(id) ? id : hash('sha256', id, 'base64url')
  return digest.slice(0, WIDTHS.check)
}

/** A SHA-256 as base64url: no other id has neither a colon nor a dot. */
const HASHED = /^[\w-]{43}$/

/** Packs a version as wide as its field. @throws RangeError where it does not fit. */
export function packVersion(version: number): string {
  if (!Number.isSafeInteger(version) || version < 0 || version > HIGHEST_VERSION) {
    throw new RangeError(`A version must be an integer from 0 to ${HIGHEST_VERSION}`)
  }
  return String(version).padStart(WIDTHS.version, '0')
}

/** Packs a time as wide as its field: whole ms, no later than {@link LATEST}. */
export function packTime(time: number): string {
  const whole = Math.floor(Math.min(Math.max(time, 0), LATEST))
  return String(whole).padStart(WIDTHS.expiresAt, '0')
}

/**
 * Checks that a fill's token can stand in a value. @throws RangeError where it is not 1 to 100
 * printable characters.
 */
export function packToken(token: string): string {
  if (!/^[!-~]{1,100}$/.test(token)) {
    throw new RangeError('A token must be 1 to 100 printable ASCII characters')
  }
  return token
}

/** Packs a live record. @throws RangeError where its version or its `writeId` does not fit. */
export function packRecord(record: SessionRecord): PackedRecord {
  if (!/^[\w-]{36}$/.test(record.writeId)) throw new RangeError('A writeId must be a UUID')
  const isText = record.data.isWellFormed()
  const payload = isText ? record.data : JSON.stringify(record.data)
  const { id, version, writeId, expiresAt, absoluteExpiresAt } = record
  const absolute = absoluteExpiresAt === undefined ? NO_TIME : packTime(absoluteExpiresAt)
  const fixed = `L${checkOf(id)}${packVersion(version)}${writeId}${absolute}${isText ? 'U' : 'J'}`
  const checksum = checksumOf(id, fixed, payload).toString(16).padStart(WIDTHS.checksum, '0')
  return { head: fixed + checksum + packTime(expiresAt), payload }
}

/** Reads a value that was found under this id's key. */
export function unpack(id: SessionId, value: string): Unpacked {
  const kind = value[0]
  if (kind !== 'L' && kind !== 'T' && kind !== 'F') return corrupt('its kind is unknown')
  if (field(value, 'check') !== checkOf(id)) return corrupt('it is another id’s')
  if (kind === 'F') return { kind: 'filling' }
  const version = numberIn(value, 'version')
  if (version === undefined) return corrupt('its version is not a number')
  if (kind === 'L') return unpackRecord(value, id, version)
  return { kind: 'tombstone', version }
}

function unpackRecord(value: string, id: SessionId, version: number): Unpacked {
  if (value.length < OFFSETS.end) return corrupt('it is cut short')
  const expiresAt = numberIn(value, 'expiresAt')
  const absoluteExpiresAt = numberIn(value, 'absoluteExpiresAt')
  if (expiresAt === undefined) return corrupt('its expiry is not a number')
  if (absoluteExpiresAt === undefined && field(value, 'absoluteExpiresAt') !== NO_TIME) {
    return corrupt('its absolute expiry is not a number')
  }
  const payload = value.slice(OFFSETS.end)
  const checksum = checksumOf(id, value.slice(0, OFFSETS.checksum), payload)
  if (checksum !== Number(`0x${field(value, 'checksum')}`)) return corrupt('it was altered')
  const data = decode(payload, field(value, 'encoding'))
  if (data === undefined) return corrupt('its payload is in no known encoding')
  const writeId = field(value, 'writeId')
  const record = { id, version, writeId, data, expiresAt, absoluteExpiresAt }
  const confirmedAt = numberIn(value, 'confirmedAt') ?? 0
  const held = value.slice(0, OFFSETS.end)
  return { kind: 'live', record, stamp: { confirmedAt, run: field(value, 'run'), held } }
}

const NO_TIME = '-'.repeat(WIDTHS.absoluteExpiresAt)

function decode(payload: string, encoding: string): string | undefined {
  if (encoding === 'U') return payload
  if (encoding !== 'J') return undefined
  try {
    const text: unknown = JSON.parse(payload)
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

/** Of the id, the payload, and all of the header that no script rewrites in place. */
function checksumOf(id: SessionId, fixed: string, payload: string): number {
  return crc32(payload, crc32(fixed, crc32(id)))
}

function corrupt(problem: string): Unpacked {
  return { kind: 'corrupt', problem }
}

function field(value: string, name: Field): string {
  return value.slice(OFFSETS[name], OFFSETS[name] + WIDTHS[name])
}

/** Digit by digit: a read looks at four of them. */
function numberIn(value: string, name: Field): number | undefined {
  const end = OFFSETS[name] + WIDTHS[name]
  let number = 0
  for (let at = OFFSETS[name]; at < end; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  return number
}

const ZERO = '0'.charCodeAt(0)

function offsets(): Record<Field | 'end', number> {
  const found: Partial<Record<Field | 'end', number>> = {}
  let at = 0
  for (const [name, width] of Object.entries(WIDTHS)) {
    found[name as Field] = at
    at += width
  }
  return { ...found, end: at } as Record<Field | 'end', number>
}
