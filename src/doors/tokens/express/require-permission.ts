import { checkPermissionName } from '../inputs.js'
import { checkPermission, type Permission } from '../permissions.js'
import { sessionManager } from '../session-manager.js'
import type { ExpressHandler } from './express-types.js'
import { authenticate, type TokenHandlerOptions } from './require-token.js'

/**
 * As {@link requireToken}, and only who has this permission, now: behind `requireToken()` the token is
 * looked up once more.
 *
 * @throws {@link SessionError} of the type VALIDATION_ERROR, at once, for what is no `verb:noun`.
 */
export function requirePermission(
  permission: Permission,
  { manager = sessionManager }: TokenHandlerOptions = {},
): ExpressHandler {
  checkPermissionName(permission)
  return (req, _res, next) => {
    authenticate(req, manager)
      .then(({ user }) => checkPermission(user.permissions, permission))
      .then(() => next(), next)
  }
}
