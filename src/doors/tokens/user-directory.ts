/** What is known of a user, read anew at each use of a token. */
export interface DirectoryUser {
  /** Which of the manager's `roles` it has. */
  readonly role?: string | null | undefined

  /** What it may do besides what its role allows. */
  readonly permissions?: readonly string[] | null | undefined

  /** Where it is told, no session for another organization is good. */
  readonly orgId?: string | null | undefined

  /** From when on the user is let in nowhere. */
  readonly disabledAt?: Date | null | undefined

  /** How often all sessions of the user were ended: a session that began before is no good. */
  readonly sessionEpoch?: number | null | undefined
}

/**
 * Who knows the users: a repository or a manager of `holdfast/users`, or anything that can look one up.
 * What it throws is a `DATABASE_ERROR`, and lets nobody in.
 */
export interface UserDirectory {
  findById(id: string): PromiseLike<DirectoryUser | null | undefined>

  /**
   * Moves the user's `sessionEpoch` on by one, durably, unless it is not `from` any more. Without it a
   * login that is under way while all sessions are ended may survive that.
   */
  advanceSessionEpoch?(id: string, from?: number): PromiseLike<DirectoryUser | null | undefined>
}

/** Whoever calls has made sure of the user: nobody has a role. */
export const anybody: UserDirectory = Object.freeze({ findById: async () => ({}) })
