/**
 * What every error of this package is: a stable `code`, a message without secrets, and the `cause`
 * it came from.
 *
 * No message, field or cause that is ours holds a session id as the cookie has it.
 */
export abstract class SessionError extends Error {
  /** A constant for programs to compare; it never changes within a major version. */
  abstract readonly code: string
}

/**
 * An option is unknown, malformed or contradicts another; thrown by constructors, before anything
 * is opened.
 */
export class InvalidOptionError extends SessionError {
  override readonly name = 'InvalidOptionError'
  readonly code = 'ERR_INVALID_OPTION'

  constructor(
    /** The option's name. */
    readonly option: string,
    problem: string,
  ) {
    super(`The option '${option}' ${problem}`)
  }
}

/**
 * The ledger could not be reached, did not answer in time, or refused; what was asked may or may
 * not have happened.
 */
export class LedgerUnavailableError extends SessionError {
  override readonly name = 'LedgerUnavailableError'
  readonly code = 'ERR_LEDGER_UNAVAILABLE'

  constructor(
    /** Which ledger: `postgres`, `redis`, `memory`. */
    readonly ledger: string,
    /** What was asked of it: `read`, `commit`, `revoke`, … */
    readonly operation: string,
    cause: unknown,
  ) {
    super(`The ${ledger} ledger could not ${operation}${NOT_DURABLE[operation] ?? ''}`, { cause })
  }
}

const NOT_DURABLE: Readonly<Record<string, string>> = {
  commit: ': the change may not be stored',
  revoke: ': the end of the session is not durable yet',
}

/**
 * A cache could not be reached, did not answer in time, or refused. It is an event, never a
 * request's failure.
 */
export class CacheUnavailableError extends SessionError {
  override readonly name = 'CacheUnavailableError'
  readonly code = 'ERR_CACHE_UNAVAILABLE'

  constructor(
    /** Which cache: `redis`. */
    readonly cache: string,
    /** What was asked of it: `read`, `put`, `bury`, … */
    readonly operation: string,
    cause: unknown,
  ) {
    super(`The ${cache} cache could not ${operation}`, { cause })
  }
}

/** A tier did not answer within its deadline; always the `cause` of another error. */
export class DeadlineError extends SessionError {
  override readonly name = 'DeadlineError'
  readonly code = 'ERR_DEADLINE'

  constructor(
    /** How long it was waited for, ms. */
    readonly timeout: number,
  ) {
    super(`No answer within ${timeout} ms`)
  }
}

/**
 * The tables are not there, or are older than this version; apply the migrations, or pass
 * `createTables: true`.
 */
export class MigrationRequiredError extends SessionError {
  override readonly name = 'MigrationRequiredError'
  readonly code = 'ERR_MIGRATION_REQUIRED'

  constructor(
    /** The table that was looked for, quoted as in SQL. */
    readonly table: string,
    remedy: string,
    cause: unknown,
  ) {
    super(`The table ${table} is missing or out of date: ${remedy}`, { cause })
  }
}

/**
 * The ledger refused one change for what is in it (a value that the column can not hold); other
 * changes are not touched.
 */
export class InvalidRecordError extends SessionError {
  override readonly name = 'InvalidRecordError'
  readonly code = 'ERR_INVALID_RECORD'

  constructor(cause: unknown) {
    super('The ledger refused what the session holds', { cause })
  }
}

/**
 * Two requests changed one session, and it could not be settled: `onConflict: 'reject'`, or twenty
 * merges lost in a row.
 */
export class ConflictError extends SessionError {
  override readonly name = 'ConflictError'
  readonly code = 'ERR_CONFLICT'

  constructor(
    /** The session's public id. */
    readonly publicId: string,
  ) {
    super('Another request changed the same session')
  }
}

/**
 * A session could not be turned into text: it is circular, holds a BigInt, or the `serializer`
 * failed.
 */
export class SerializationError extends SessionError {
  override readonly name = 'SerializationError'
  readonly code = 'ERR_SERIALIZATION'

  constructor(problem: string, cause?: unknown) {
    super(`The session can not be serialized: ${problem}`, { cause })
  }
}

/** A value that can not be a session id was written to: it is empty, or not a string or number. */
export class InvalidSessionIdError extends SessionError {
  override readonly name = 'InvalidSessionIdError'
  readonly code = 'ERR_INVALID_SESSION_ID'

  constructor() {
    super('A session id must be a string that is not empty, or a finite number')
  }
}

/**
 * What is stored can not be decrypted: it was altered, moved from another session, or is not
 * encrypted at all.
 */
export class DecryptionError extends SessionError {
  override readonly name = 'DecryptionError'
  readonly code = 'ERR_DECRYPTION'

  constructor(problem: string, cause?: unknown) {
    super(`A stored session can not be decrypted: ${problem}`, { cause })
  }
}

/** What is stored was encrypted with a key that `encryption.keys` does not hold. */
export class UnknownKeyError extends SessionError {
  override readonly name = 'UnknownKeyError'
  readonly code = 'ERR_UNKNOWN_KEY'

  constructor(
    /** The key id that the stored session names. */
    readonly keyId: string,
  ) {
    super(
      `A stored session names the encryption key '${keyId}', which is not among encryption.keys`,
    )
  }
}

/** The store or engine was used after `close()`. */
export class ClosedError extends SessionError {
  override readonly name = 'ClosedError'
  readonly code = 'ERR_CLOSED'

  constructor() {
    super('The sessions are closed')
  }
}
