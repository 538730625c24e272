export { AUTH_CONSTANTS, SESSION_CONSTANTS } from './constants.js'
export type { EngineUserManager, UserManagerOptions } from './engine-user-manager.js'
export { getEnvironment, type ManagerEnvironment } from './environment.js'
export * from './errors.js'
export { InMemoryUsers, type InMemoryUsersOptions } from './in-memory-users.js'
export type { ManagerConfiguration } from './manager-configuration.js'
export { MemorySessionAdapter, type MemorySessionAdapterOptions } from './memory-session-adapter.js'
export {
  MockUserManager,
  MockUserManager as MockUserManagerWrapper,
  type MockUserManagerOptions,
} from './mock-user-manager.js'
export { hashPassword, verifyPassword, type PasswordVerification } from './passwords.js'
export {
  PostgreSQLUserAdapter,
  type PostgreSQLUserAdapterOptions,
} from './postgresql-user-adapter.js'
export {
  closePrismaClient,
  getPrismaClient,
  type PrismaClientConfig,
  type PrismaClientLike,
} from './prisma-singleton.js'
export { ProductionUserManager } from './production-user-manager.js'
export { RedisSessionAdapter, type RedisSessionAdapterOptions } from './redis-session-adapter.js'
export type { SessionAdapter, SessionData } from './session-adapter.js'
export { generateSessionId } from './session-id.js'
export type { OnTooManySessions } from './session-limit.js'
export type { CreateUserData, UpdateUserData, User, UserRole } from './user.js'
export { UserManagerFactory } from './user-manager-factory.js'
export type {
  Credentials,
  Login,
  SessionManagerInterface,
  SessionMetadata,
  UserManagerInterface,
  UserSession,
} from './user-manager.js'
export type { DatabaseAdapter, PasswordChange, UserRepository } from './user-repository.js'
export type { ErrorMessages } from './error-messages.js'
export type { AuthState, RequestAuth } from './request-auth.js'
export {
  appendSessionCookie,
  clearSessionCookie,
  readSessionCookie,
  sessionCookieName,
  type FetchHeaders,
  type NewSessionCookieOptions,
  type NodeResponse,
  type SessionCookieOptions,
} from './session-cookie.js'
export {
  createTrpcContext,
  type CookieTarget,
  type CreateTrpcContext,
  type FetchContextSource,
  type NodeContextSource,
  type TrpcContext,
} from './trpc-context.js'
export type { ContextManager, TrpcContextOptions } from './trpc-context-options.js'
export {
  authMiddleware,
  outageMiddleware,
  requireRole,
  type AuthContext,
  type AuthenticatedContext,
  type AuthMiddlewareOptions,
  type ProcedureOutcome,
} from './trpc-middleware.js'
export type { FetchRequest, NodeRequest } from './visitor.js'
