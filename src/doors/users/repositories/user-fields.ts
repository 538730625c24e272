import { isDate } from 'node:util/types'
import type { Identify } from '../../../core/session-id.js'
import { InvalidUserError } from '../errors.js'
import type { CreateUserData, UpdateUserData, User, UserRole } from '../user.js'

/** What of a user is stored anew, checked: `null` where nothing is to be there. */
export interface UserFields {
  readonly email?: string
  readonly name?: string | null
  readonly hashedPassword?: string | null
  readonly isVerified?: boolean
  readonly role?: UserRole
  readonly orgId?: string | null
  readonly lastLoginAt?: Date | null
  readonly disabledAt?: Date | null

  /** The public id. */
  readonly sessionId?: string | null
}

/** What a new user begins with. */
export type NewUserFields = UserFields & Pick<User, 'email'>

/** The fields of a new user. @throws {@link InvalidUserError} */
export function fieldsOfNew(data: CreateUserData): NewUserFields {
  const given = knownFields(data, NEW_FIELDS)
  return { ...checkedFields(given), email: checkedEmail(given['email']) }
}

/**
 * The fields that change; the cookie's id of a session becomes its public id.
 *
 * @throws {@link InvalidUserError}
 */
export function fieldsOfUpdate(data: UpdateUserData, identify: Identify): UserFields {
  const given = knownFields(data, UPDATE_FIELDS)
  const { email, sessionId } = given
  return {
    ...checkedFields(given),
    ...(email === undefined ? {} : { email: checkedEmail(email) }),
    // A logout says `undefined`: taken for "no change" it would leave the session where it was.
    ...('sessionId' in given ? { sessionId: checkedSession(sessionId, identify) } : {}),
  }
}

const NEW_FIELDS: readonly string[] = [
  'email',
  'name',
  'hashedPassword',
  'isVerified',
  'role',
  'orgId',
]
const UPDATE_FIELDS = [...NEW_FIELDS, 'lastLoginAt', 'disabledAt', 'sessionId']

type Given = Readonly<Record<string, unknown>>

function knownFields(data: unknown, known: readonly string[]): Given {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new InvalidUserError('data', 'must be an object')
  }
  const unknown = Object.keys(data).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new InvalidUserError(unknown.slice(0, 64), `is not one of ${known.join(', ')}`)
  }
  // Own properties only: what a prototype adds was not said of this user.
  return { ...data }
}

/** The fields that need nothing but a look at them; what is `undefined` is left out. */
function checkedFields(given: Given): UserFields {
  const fields = Object.entries(CHECKS)
    .map(([name, check]) => [name, given[name], check] as const)
    .filter(([, value]) => value !== undefined)
  for (const [name, value, check] of fields) {
    const problem = check(value)
    if (problem !== undefined) throw new InvalidUserError(name, problem)
  }
  return Object.fromEntries(fields) as UserFields
}

type Check = (value: unknown) => string | undefined

function textUpTo(most: number): Check {
  return (value) =>
    value === null || namable(value, most) !== undefined
      ? undefined
      : `must be null, or 1 to ${most} characters without NUL`
}

const aDate: Check = (value) =>
  value === null || (isDate(value) && value.getTime() >= FIRST_DATE && value.getTime() <= LAST_DATE)
    ? undefined
    : 'must be null, or a Date of the years 1 to 9999'

/** What Postgres and JavaScript both know as dates. */
const FIRST_DATE = Date.parse('0001-01-01T00:00:00.000Z')
const LAST_DATE = Date.parse('9999-12-31T23:59:59.999Z')

/** As long as the id of anything else that is named by whoever calls. */
const MOST_OF_AN_ID = 256

const CHECKS: Readonly<Record<string, Check>> = {
  name: textUpTo(200),
  hashedPassword: textUpTo(1024),
  isVerified: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  role: (value) => (value === 'USER' || value === 'ADMIN' ? undefined : 'must be USER or ADMIN'),
  orgId: textUpTo(MOST_OF_AN_ID),
  lastLoginAt: aDate,
  disabledAt: aDate,
}

function checkedEmail(value: unknown): string {
  const email = askedEmail(value)
  if (email === undefined || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) {
    throw new InvalidUserError(
      'email',
      `must be 3 to ${MOST_OF_AN_EMAIL} characters with one @ between them, and no spaces`,
    )
  }
  return email
}

function checkedSession(value: unknown, identify: Identify): string | null {
  if (value === undefined || value === null) return null
  const publicId = askedSession(value, identify)
  if (publicId === undefined) throw new InvalidUserError('sessionId', 'can be no session’s id')
  return publicId
}

/** The longest that mail knows (RFC 5321, section 4.5.3.1.3). */
const MOST_OF_AN_EMAIL = 254

/** Spaces around an address are dropped, but no megabytes of them. */
const MOST_OF_AN_INPUT = 1024

/** No browser sends a cookie of more. */
const MOST_OF_A_COOKIE = 4096

/** What may be asked for as an e-mail address, without the spaces around it; or `undefined`. */
export function askedEmail(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MOST_OF_AN_INPUT) return undefined
  return namable(value.trim(), MOST_OF_AN_EMAIL)
}

/** What may be asked for as a user's id, or `undefined`. */
export function askedId(value: unknown): string | undefined {
  return namable(value, MOST_OF_AN_ID)
}

/** The public id of what may be asked for as a cookie's id, or `undefined`. */
export function askedSession(value: unknown, identify: Identify): string | undefined {
  return typeof value === 'string' && value.length <= MOST_OF_A_COOKIE ? identify(value) : undefined
}

/** Postgres stores no NUL, and no half of a character: drivers send another one in its place. */
function namable(value: unknown, most: number): string | undefined {
  return typeof value === 'string' &&
    value.length > 0 &&
    value.length <= most &&
    value.isWellFormed() &&
    !value.includes('\0')
    ? value
    : undefined
}
