import { SessionError } from '../errors.js'
import type { DirectoryUser } from '../user-directory.js'

/**
 * What a directory gave: a user, or `undefined` for nobody. What says when a user is let in has to be
 * readable; what can not be read would let in whoever is disabled, or has ended all sessions.
 *
 * @throws {@link SessionError} of the type SYSTEM_ERROR that names the field; its value is told nowhere.
 */
export function toDirectoryUser(row: unknown): DirectoryUser | undefined {
  if (!row) return undefined
  if (typeof row !== 'object' || Array.isArray(row)) refuse('it is no object')
  const { disabledAt, sessionEpoch } = row as Readonly<Record<string, unknown>>
  if (!isNothing(disabledAt) && !isTime(disabledAt)) refuse('disabledAt is no date')
  if (!isNothing(sessionEpoch) && !isCount(sessionEpoch)) refuse('sessionEpoch is no count')
  return row
}

/** How often all sessions of the user were ended; `undefined` where nobody counts. */
export function epochOf({ sessionEpoch }: DirectoryUser): number | undefined {
  return isNothing(sessionEpoch) ? undefined : Number(sessionEpoch)
}

/** A column of a table may be null. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

/** Drivers give a wide column as text, or as a BigInt. */
function isCount(value: unknown): boolean {
  const isOne = typeof value === 'number' || typeof value === 'bigint'
  const isWritten = typeof value === 'string' && /^\d+$/.test(value)
  return (isOne || isWritten) && Number.isSafeInteger(Number(value))
}

/** A date of whatever realm. */
function isTime(value: unknown): boolean {
  const { getTime } = Object(value) as { readonly getTime?: unknown }
  return typeof getTime === 'function' && Number.isFinite((value as Date).getTime())
}

function refuse(problem: string): never {
  throw new SessionError('unexpected', `The directory of users gave what is no user: ${problem}`)
}
