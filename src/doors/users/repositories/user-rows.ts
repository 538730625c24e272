import { numberIn, optionalTextIn, textIn } from '../../../drivers/postgres/columns.js'
import type { Row } from '../../../drivers/postgres/sql-client.js'
import type { User } from '../user.js'

/** The user in a row. */
export function toUser(row: Row): User {
  return {
    id: textIn(row, 'id'),
    email: textIn(row, 'email'),
    ...given('name', optionalTextIn(row, 'name')),
    ...given('hashedPassword', optionalTextIn(row, 'hashed_password')),
    isVerified: row['is_verified'] === true,
    role: row['role'] === 'ADMIN' ? 'ADMIN' : 'USER',
    ...given('orgId', optionalTextIn(row, 'org_id')),
    createdAt: new Date(numberIn(row, 'created_at')),
    ...given('lastLoginAt', optionalDateIn(row, 'last_login_at')),
    ...given('disabledAt', optionalDateIn(row, 'disabled_at')),
    ...given('sessionId', optionalTextIn(row, 'session_id')),
    sessionEpoch: numberIn(row, 'session_epoch'),
  }
}

function optionalDateIn(row: Row, column: string): Date | undefined {
  return optionalTextIn(row, column) === undefined ? undefined : new Date(numberIn(row, column))
}

/** A property, or none where there is no value. */
function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>)
}
