import { readBearer } from '../../../core/bearer.js'
import { SessionError } from '../errors.js'
import { sessionManager, type SessionManager } from '../session-manager.js'
import type { Validated } from '../sessions/live-sessions.js'
import type { ExpressHandler, TokenRequest } from './express-types.js'

/** How the handlers of this door look at tokens. */
export interface TokenHandlerOptions {
  /** Who knows the tokens. Default: `sessionManager`. */
  readonly manager?: Pick<SessionManager, 'validateSession'> | undefined
}

/**
 * Lets in who brings a good access token as `Authorization: Bearer`; {@link authOf} tells who it is. All
 * others are a {@link SessionError} for `next`.
 */
export function requireToken({
  manager = sessionManager,
}: TokenHandlerOptions = {}): ExpressHandler {
  return (req, _res, next) => {
    authenticate(req, manager).then(() => next(), next)
  }
}

/**
 * Who asks, behind {@link requireToken} or {@link requirePermission}.
 *
 * @throws {@link SessionError} of the type AUTHENTICATION_ERROR where neither was passed.
 */
export function authOf(req: TokenRequest): Validated {
  const auth = known.get(req)
  if (auth) return auth
  throw new SessionError('no-token', 'The request has not passed requireToken()')
}

/** Looks the token of a request up. @throws {@link SessionError} */
export async function authenticate(
  req: TokenRequest,
  manager: Pick<SessionManager, 'validateSession'>,
): Promise<Validated> {
  const bearer = readBearer(req.headers.authorization)
  if (bearer === undefined) throw new SessionError('no-token', 'The request brings no token')
  if (bearer === 'malformed') {
    throw new SessionError('invalid-input', 'The request brings a Bearer token that is none')
  }
  const validation = await manager.validateSession(bearer.token, { ip: req.ip })
  if (!validation.success) throw validation.error
  const { user, session } = validation
  known.set(req, { user, session })
  return { user, session }
}

/** Beside the request, so that nothing of the application's own is in the way. */
const known = new WeakMap<TokenRequest, Validated>()
