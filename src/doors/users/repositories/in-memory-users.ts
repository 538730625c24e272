import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '../../../core/clock.js'
import {
  aContext,
  aFunction,
  checkOptions,
  objectWith,
  type Checks,
} from '../../../core/options.js'
import { hashedIds, type Context, type Identify } from '../../../core/session-id.js'
import { EmailTakenError, InvalidUserError } from '../errors.js'
import {
  askedEmail,
  askedId,
  askedSession,
  fieldsOfNew,
  fieldsOfUpdate,
  type UserFields,
} from './user-fields.js'
import type { PasswordChange, UserRepository } from '../user-repository.js'
import type { CreateUserData, UpdateUserData, User } from '../user.js'

/** The options of {@link InMemoryUsers}; all optional. */
export interface InMemoryUsersOptions {
  /** Whose sessions `findBySessionId` knows. Default: `web`. */
  readonly context?: Context | undefined

  /**
   * Whose live session this is, by the id that a cookie holds: a user's id, or `undefined`. Sessions
   * are kept elsewhere. Default: nobody's.
   */
  readonly ownerOf?: ((sessionId: string) => Promise<string | undefined>) | undefined

  /** The time. Default: the system's. */
  readonly clock?: Clock | undefined
}

const checks: Checks<InMemoryUsersOptions> = {
  context: aContext,
  ownerOf: aFunction,
  clock: objectWith('now'),
}

/** Users in this process's memory, for tests and development: there are none at first, and none after it. */
export class InMemoryUsers implements UserRepository {
  readonly #identify: Identify
  readonly #ownerOf: (sessionId: string) => Promise<string | undefined>
  readonly #clock: Clock
  readonly #users = new Map<string, User>()

  /** @throws {@link InvalidOptionError} */
  constructor(options: InMemoryUsersOptions = {}) {
    checkOptions(options, checks)
    const { context = 'web', ownerOf = nobody, clock = systemClock } = options
    this.#identify = hashedIds(context)
    this.#ownerOf = ownerOf
    this.#clock = clock
  }

  async ready(): Promise<void> {}

  async findByEmail(email: string): Promise<User | null> {
    const asked = askedEmail(email)
    return asked === undefined ? null : toAnswer(this.#withEmail(asked))
  }

  async findById(id: string): Promise<User | null> {
    const asked = askedId(id)
    return asked === undefined ? null : toAnswer(this.#users.get(asked))
  }

  /** A user who is disabled is nobody. */
  async findBySessionId(sessionId: string): Promise<User | null> {
    const publicId = askedSession(sessionId, this.#identify)
    if (publicId === undefined) return null
    const user = this.#users.get((await this.#ownerOf(sessionId)) ?? '')
    if (user?.sessionId !== publicId) return null
    return user.disabledAt && user.disabledAt.getTime() <= this.#clock.now() ? null : copyOf(user)
  }

  async create(data: CreateUserData): Promise<User> {
    const fields = fieldsOfNew(data)
    if (this.#withEmail(fields.email)) throw new EmailTakenError()
    const id = randomUUID()
    const createdAt = new Date(this.#clock.now())
    const user: User = { ...NEW, id, email: fields.email, createdAt }
    return this.#keep(changed(user, fields))
  }

  async update(id: string, data: UpdateUserData): Promise<User | null> {
    const fields = fieldsOfUpdate(data, this.#identify)
    const user = this.#users.get(askedId(id) ?? '')
    if (user === undefined) return null
    const { email, sessionId } = fields
    const isOthers = (other: User | undefined) => other !== undefined && other.id !== user.id
    if (email !== undefined && isOthers(this.#withEmail(email))) throw new EmailTakenError()
    if (typeof sessionId === 'string' && isOthers(this.#withSession(sessionId))) {
      throw new InvalidUserError('sessionId', 'is that of another user')
    }
    return this.#keep(changed(user, fields))
  }

  async replaceHashedPassword(id: string, { from, to }: PasswordChange): Promise<void> {
    const user = this.#users.get(askedId(id) ?? '')
    if (user?.hashedPassword === from) this.#keep({ ...user, hashedPassword: to })
  }

  async delete(id: string): Promise<boolean> {
    return this.#users.delete(askedId(id) ?? '')
  }

  async advanceSessionEpoch(id: string, from?: number): Promise<User | null> {
    const user = this.#users.get(askedId(id) ?? '')
    if (user === undefined || (from !== undefined && user.sessionEpoch !== from)) return null
    return this.#keep({ ...user, sessionEpoch: user.sessionEpoch + 1 })
  }

  async getAll(): Promise<User[]> {
    const byAge = [...this.#users.values()].sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
    )
    return byAge.map(copyOf)
  }

  async count(): Promise<number> {
    return this.#users.size
  }

  #keep(user: User): User {
    this.#users.set(user.id, copyOf(user))
    return copyOf(user)
  }

  #withEmail(email: string): User | undefined {
    const wanted = email.toLowerCase()
    return this.#find((user) => user.email.toLowerCase() === wanted)
  }

  #withSession(publicId: string): User | undefined {
    return this.#find((user) => user.sessionId === publicId)
  }

  #find(isMeant: (user: User) => boolean): User | undefined {
    return [...this.#users.values()].find(isMeant)
  }
}

const nobody = async (): Promise<undefined> => undefined

/** What a user begins with who is told nothing else about. */
const NEW = { isVerified: false, role: 'USER', sessionEpoch: 0 } as const

/** The user with these fields, in which null is nothing. */
function changed(user: User, fields: UserFields): User {
  const all = Object.entries({ ...user, ...fields })
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as unknown as User
}

function toAnswer(user: User | undefined): User | null {
  return user === undefined ? null : copyOf(user)
}

/** What a caller does with a user's dates changes nothing here. */
function copyOf(user: User): User {
  const { createdAt, lastLoginAt, disabledAt } = user
  return {
    ...user,
    createdAt: new Date(createdAt),
    ...(lastLoginAt === undefined ? {} : { lastLoginAt: new Date(lastLoginAt) }),
    ...(disabledAt === undefined ? {} : { disabledAt: new Date(disabledAt) }),
  }
}
