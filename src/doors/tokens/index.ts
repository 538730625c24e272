export type { SigningOptions } from './access/signing-keys.js'
export {
  SessionError,
  SessionErrorType,
  type SessionErrorDetails,
  type SessionErrorReason,
} from './errors.js'
export { answerTokenErrors } from './express/answer-token-errors.js'
export type {
  ExpressErrorHandler,
  ExpressHandler,
  TokenRequest,
  TokenResponse,
} from './express/express-types.js'
export { authOf, requireToken, type TokenHandlerOptions } from './express/require-token.js'
export { requirePermission } from './express/require-permission.js'
export type { IdSchema } from './inputs.js'
export type { RateLimit, RateLimitOptions } from './limits/rate-limit-options.js'
export type { Logger } from './logger.js'
export type { Permission, Roles } from './permissions.js'
export type {
  ActiveSession,
  Result,
  SessionStatistics,
  TokenClaims,
  TokenPair,
  TokenSession,
  TokenUser,
} from './results.js'
export {
  SessionManager,
  sessionManager,
  type CreateSessionArguments,
  type CreateSessionOptions,
  type Visitor,
} from './session-manager.js'
export type { SessionManagerOptions } from './session-manager-options.js'
export type { Validated } from './sessions/live-sessions.js'
export type { Issued } from './sessions/token-sessions.js'
export type { DirectoryUser, UserDirectory } from './user-directory.js'
