import { SessionError } from './errors.js'
import type { DirectoryUser } from './user-directory.js'

/** What may be done, as `verb:noun`: `read:users`. */
export type Permission = `${string}:${string}`

/** Which permissions each role has; a role that is not named has none. */
export type Roles = Readonly<Record<string, readonly Permission[]>>

/** What a user may do: what its role allows, and what was given to it besides. What is no text allows nothing. */
export function permissionsOf({ role, permissions }: DirectoryUser, roles: Roles): Permission[] {
  const ofRole = isText(role) && Object.hasOwn(roles, role) ? roles[role] : undefined
  const own: readonly unknown[] = Array.isArray(permissions) ? permissions : []
  return [...new Set([...(ofRole ?? []), ...(own.filter(isText) as Permission[])])]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** @throws {@link SessionError} of the type AUTHORIZATION_ERROR where it is not among them. */
export function checkPermission(held: readonly Permission[], permission: Permission): void {
  if (held.includes(permission)) return
  const message = `The user does not have the permission ${permission}`
  throw new SessionError('missing-permission', message, { permission })
}
