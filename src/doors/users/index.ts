export * from './errors.js'
export type { SessionAdapter, SessionData } from './session-adapter.js'
export type { CreateUserData, UpdateUserData, User, UserRole } from './user.js'
export type {
  SessionManagerInterface,
  SessionMetadata,
  UserManagerInterface,
  UserSession,
} from './user-manager.js'
export type { DatabaseAdapter, UserRepository } from './user-repository.js'
export { InMemoryUsers } from './in-memory-users.js'
export type { InMemoryUsersOptions } from './in-memory-users.js'
export { PostgreSQLUserAdapter } from './postgresql-user-adapter.js'
export type { PostgreSQLUserAdapterOptions } from './postgresql-user-adapter.js'
export { hashPassword, verifyPassword } from './passwords.js'
export type { PasswordVerification } from './passwords.js'
