import type { CreateUserData, UpdateUserData, User } from './user.js'

/** One hash of a password, and another of the same. */
export interface PasswordChange {
  readonly from: string
  readonly to: string
}

/**
 * Where users are kept. Who is not there is `null`. A value that can name nobody (`undefined`, an
 * empty text, an object, a text of megabytes) finds nobody and throws nothing.
 */
export interface UserRepository {
  /** Without regard to case, and to spaces around it. */
  findByEmail(email: string): Promise<User | null>
  findById(id: string): Promise<User | null>

  /** Whose session this is, by the id that a cookie holds, if it is live. */
  findBySessionId(sessionId: string): Promise<User | null>

  /** @throws {@link EmailTakenError}, {@link InvalidUserError} */
  create(data: CreateUserData): Promise<User>

  /** `null` where there is no such user. @throws {@link EmailTakenError}, {@link InvalidUserError} */
  update(id: string, data: UpdateUserData): Promise<User | null>

  /**
   * Puts another hash of the same password in the place of this one. Where the password was changed
   * meanwhile nothing happens.
   */
  replaceHashedPassword(id: string, change: PasswordChange): Promise<void>

  /** Whether there was such a user. */
  delete(id: string): Promise<boolean>

  /**
   * Moves the user's `sessionEpoch` on by one, durably; `null` where there is no such user, or it is
   * not `from` any more.
   *
   * @param from - Default: whatever it is.
   */
  advanceSessionEpoch(id: string, from?: number): Promise<User | null>

  /** All users, oldest first. */
  getAll(): Promise<User[]>
  count(): Promise<number>
}

/** What keeps an application's own data: users are all that a manager asks for. */
export interface DatabaseAdapter {
  readonly users: UserRepository
}
