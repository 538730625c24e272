import { randomUUID } from 'node:crypto'
import type { Duration } from '../../../core/duration.js'
import { toMilliseconds } from '../../../core/duration.js'
import { InvalidOptionError } from '../../../core/errors.js'
import {
  aBoolean,
  aContext,
  anIdentifier,
  checkOptions,
  durationFrom,
  type Checks,
} from '../../../core/options.js'
import { hashedIds, type Context, type Identify } from '../../../core/session-id.js'
import { numberIn } from '../../../drivers/postgres/columns.js'
import { fromPool, type PoolLike } from '../../../drivers/postgres/from-pool.js'
import { fromPrisma, type PrismaLike } from '../../../drivers/postgres/from-prisma.js'
import type { Row, SqlClient, SqlValue } from '../../../drivers/postgres/sql-client.js'
import { sqlStateOf } from '../../../drivers/postgres/sql-state.js'
import { EmailTakenError, InvalidUserError, UsersUnavailableError } from '../errors.js'
import { UserDatabase } from './user-database.js'
import {
  askedEmail,
  askedId,
  askedSession,
  fieldsOfNew,
  fieldsOfUpdate,
  type UserFields,
} from './user-fields.js'
import type { PasswordChange, UserRepository } from '../user-repository.js'
import { toUser } from './user-rows.js'
import { createUserStatements, type UserStatements } from './user-statements.js'
import type { CreateUserData, UpdateUserData, User } from '../user.js'

/** The options of a {@link PostgreSQLUserAdapter}; all optional. */
export interface PostgreSQLUserAdapterOptions {
  /** Where both tables are. Default: the connection's search path. */
  readonly schema?: string | undefined

  /** The table of sessions. Default: `sessions`. */
  readonly table?: string | undefined

  /** Whose sessions `findBySessionId` knows. Default: `web`. */
  readonly context?: Context | undefined

  /** Whether to apply the migration of users first. Sessions are the engine's. Default: `false`. */
  readonly createTables?: boolean | undefined

  /** How long Postgres may take before a call fails. Default: `'5s'`. */
  readonly timeout?: Duration | undefined
}

const checks: Checks<PostgreSQLUserAdapterOptions> = {
  schema: anIdentifier,
  table: anIdentifier,
  context: aContext,
  createTables: aBoolean,
  timeout: durationFrom(1),
}

/**
 * Users in the table `User` of Postgres, through a Prisma client or a `pg` pool, which stays its
 * owner's to close. Each call is one statement.
 */
export class PostgreSQLUserAdapter implements UserRepository {
  readonly #context: Context
  readonly #identify: Identify
  readonly #statements: UserStatements
  readonly #database: UserDatabase

  /** @throws {@link InvalidOptionError} */
  constructor(client: PrismaLike | PoolLike, options: PostgreSQLUserAdapterOptions = {}) {
    checkOptions(options, checks)
    const { context = 'web', createTables = false, timeout = '5s' } = options
    this.#context = context
    this.#identify = hashedIds(context)
    this.#statements = createUserStatements(options)
    this.#database = new UserDatabase({
      client: toSqlClient(client),
      schema: options.schema,
      table: options.table,
      createTables,
      timeout: toMilliseconds(timeout) ?? 0,
    })
  }

  /** Resolves once users can be kept. @throws {@link MigrationRequiredError} where the table is missing. */
  async ready(): Promise<void> {
    const [row] = await this.#run('find', this.#statements.check)
    if (row?.['is_unique'] !== true) throw this.#database.migrationRequired()
  }

  async findByEmail(email: string): Promise<User | null> {
    const asked = askedEmail(email)
    return asked === undefined ? null : this.#find(this.#statements.findByEmail, [asked])
  }

  async findById(id: string): Promise<User | null> {
    const asked = askedId(id)
    return asked === undefined ? null : this.#find(this.#statements.findById, [asked])
  }

  /**
   * A user who is disabled is nobody. Sessions of an engine with `encryption` name no user, and with
   * `hashSessionIds: false` have other ids: their users are found by a manager only.
   */
  async findBySessionId(sessionId: string): Promise<User | null> {
    const publicId = askedSession(sessionId, this.#identify)
    if (publicId === undefined) return null
    return this.#find(this.#statements.findBySession, [publicId, this.#context])
  }

  async create(data: CreateUserData): Promise<User> {
    const { text, params } = this.#statements.insert(randomUUID(), fieldsOfNew(data))
    const user = firstUser(await this.#run('create', text, params))
    if (user === null) throw new EmailTakenError()
    return user
  }

  async update(id: string, data: UpdateUserData): Promise<User | null> {
    const fields = fieldsOfUpdate(data, this.#identify)
    const asked = askedId(id)
    if (asked === undefined) return null
    if (Object.keys(fields).length === 0) return this.findById(asked)
    const { text, params } = this.#statements.update(asked, fields)
    try {
      return firstUser(await this.#run('update', text, params))
    } catch (error) {
      throw isDuplicate(error) ? await this.#whatIsTaken({ id: asked, fields, error }) : error
    }
  }

  async replaceHashedPassword(id: string, { from, to }: PasswordChange): Promise<void> {
    const asked = askedId(id)
    if (asked !== undefined) await this.#run('update', this.#statements.rehash, [asked, from, to])
  }

  async delete(id: string): Promise<boolean> {
    const asked = askedId(id)
    if (asked === undefined) return false
    return (await this.#run('delete', this.#statements.remove, [asked])).length > 0
  }

  async advanceSessionEpoch(id: string, from?: number): Promise<User | null> {
    const asked = askedId(id)
    if (asked === undefined) return null
    const { advance, advanceFrom } = this.#statements
    const [text, params] = from === undefined ? [advance, [asked]] : [advanceFrom, [asked, from]]
    return firstUser(await this.#run('update', text, params))
  }

  async getAll(): Promise<User[]> {
    return (await this.#run('find', this.#statements.list)).map(toUser)
  }

  async count(): Promise<number> {
    const [row = {}] = await this.#run('count', this.#statements.count)
    return numberIn(row, 'users')
  }

  async #find(text: string, params: readonly SqlValue[]): Promise<User | null> {
    return firstUser(await this.#run('find', text, params))
  }

  #run(operation: string, text: string, params: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return this.#database.run({ operation, text, params })
  }

  /** Not every driver says which index refused a row, and what some say holds the address. */
  async #whatIsTaken({ id, fields, error }: Refused): Promise<unknown> {
    const { email, sessionId } = fields
    const holder = email === undefined ? null : await this.findByEmail(email)
    if (holder !== null && holder.id !== id) return new EmailTakenError()
    if (typeof sessionId !== 'string') return error
    return new InvalidUserError('sessionId', 'is that of another user')
  }
}

/** An update that met a unique index. */
interface Refused {
  readonly id: string
  readonly fields: UserFields
  readonly error: unknown
}

function toSqlClient(client: PrismaLike | PoolLike): SqlClient {
  const given = Object(client) as Partial<PrismaLike & PoolLike>
  if (typeof given.$queryRawUnsafe === 'function') return fromPrisma(client as PrismaLike)
  if (typeof given.query === 'function') return fromPool(client as PoolLike)
  throw new InvalidOptionError('client', 'must be a Prisma client, or a pool of pg')
}

function firstUser([row]: readonly Row[]): User | null {
  return row === undefined ? null : toUser(row)
}

function isDuplicate(error: unknown): boolean {
  return error instanceof UsersUnavailableError && sqlStateOf(error.cause) === '23505'
}
