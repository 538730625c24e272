export { AUTH_CONSTANTS, SESSION_CONSTANTS } from './constants.js'
export type { EngineUserManager, UserManagerOptions } from './managers/engine-user-manager.js'
export { getEnvironment, type ManagerEnvironment } from './environment.js'
export * from './errors.js'
export { InMemoryUsers, type InMemoryUsersOptions } from './repositories/in-memory-users.js'
export type { ManagerConfiguration } from './managers/manager-configuration.js'
export {
  MemorySessionAdapter,
  type MemorySessionAdapterOptions,
} from './sessions/memory-session-adapter.js'
export {
  MockUserManager,
  MockUserManager as MockUserManagerWrapper,
  type MockUserManagerOptions,
} from './managers/mock-user-manager.js'
export { hashPassword, verifyPassword, type PasswordVerification } from './passwords/passwords.js'
export {
  PostgreSQLUserAdapter,
  type PostgreSQLUserAdapterOptions,
} from './repositories/postgresql-user-adapter.js'
export {
  closePrismaClient,
  getPrismaClient,
  type PrismaClientConfig,
  type PrismaClientLike,
} from './prisma-singleton.js'
export { ProductionUserManager } from './managers/production-user-manager.js'
export {
  RedisSessionAdapter,
  type RedisSessionAdapterOptions,
} from './sessions/redis-session-adapter.js'
export type { SessionAdapter, SessionData } from './sessions/session-adapter.js'
export { generateSessionId } from './sessions/session-id.js'
export type { OnTooManySessions } from './sessions/session-limit.js'
export type { CreateUserData, UpdateUserData, User, UserRole } from './user.js'
export { UserManagerFactory } from './managers/user-manager-factory.js'
export type {
  Credentials,
  Login,
  SessionManagerInterface,
  SessionMetadata,
  UserManagerInterface,
  UserSession,
} from './user-manager.js'
export type { DatabaseAdapter, PasswordChange, UserRepository } from './user-repository.js'
export type { ErrorMessages } from './trpc/error-messages.js'
export type { AuthState, RequestAuth } from './trpc/request-auth.js'
export {
  appendSessionCookie,
  clearSessionCookie,
  readSessionCookie,
  sessionCookieName,
  type FetchHeaders,
  type NewSessionCookieOptions,
  type NodeResponse,
  type SessionCookieOptions,
} from './trpc/session-cookie.js'
export {
  createTrpcContext,
  type CookieTarget,
  type CreateTrpcContext,
  type FetchContextSource,
  type NodeContextSource,
  type TrpcContext,
} from './trpc/trpc-context.js'
export type { ContextManager, TrpcContextOptions } from './trpc/trpc-context-options.js'
export {
  authMiddleware,
  outageMiddleware,
  requireRole,
  type AuthContext,
  type AuthenticatedContext,
  type AuthMiddlewareOptions,
  type ProcedureOutcome,
} from './trpc/trpc-middleware.js'
export type { FetchRequest, NodeRequest } from './trpc/visitor.js'
