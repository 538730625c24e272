/** What a user may do; `USER` unless said otherwise. */
export type UserRole = 'USER' | 'ADMIN'

/** A user as the table has it. What is null there is not there. */
export interface User {
  readonly id: string

  /** As it was given; no two users have the same, be it in other letters (`Ada@…` is `ada@…`). */
  readonly email: string
  readonly name?: string

  /** What `hashPassword` gave, of a user who has a password. */
  readonly hashedPassword?: string
  readonly isVerified: boolean
  readonly role: UserRole
  readonly orgId?: string
  readonly createdAt: Date
  readonly lastLoginAt?: Date

  /** From when on the user is let in nowhere. */
  readonly disabledAt?: Date

  /**
   * The public id of the session that began last; never what a cookie holds. It tells nobody apart
   * from a session that has ended: only the session itself does.
   */
  readonly sessionId?: string

  /** How often all sessions of the user were ended: a login that began before does not survive it. */
  readonly sessionEpoch: number
}

/** What a new user is made of. `id` and `createdAt` are given by whoever keeps users. */
export interface CreateUserData {
  /** 3 to 254 characters with one `@`; spaces around it are dropped. */
  readonly email: string
  readonly name?: string | undefined
  readonly hashedPassword?: string | undefined

  /** Default: `false`. */
  readonly isVerified?: boolean | undefined

  /** Default: `'USER'`. */
  readonly role?: UserRole | undefined
  readonly orgId?: string | undefined
}

/**
 * What changes of a user. What is not there, or `undefined`, stays; `null` clears it. Only
 * `sessionId` is cleared by an explicit `undefined` too, as in a logout.
 */
export interface UpdateUserData {
  readonly email?: string | undefined
  readonly name?: string | null | undefined
  readonly hashedPassword?: string | null | undefined
  readonly isVerified?: boolean | undefined
  readonly role?: UserRole | undefined
  readonly orgId?: string | null | undefined
  readonly lastLoginAt?: Date | null | undefined
  readonly disabledAt?: Date | null | undefined

  /** The id that a cookie holds: only its public id is kept. */
  readonly sessionId?: string | null | undefined
}
