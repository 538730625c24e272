import { createHash } from 'node:crypto'
import type { Clock } from './clock.js'
import { systemClock } from './clock.js'
import { Codec, type Serializer } from './codec.js'
import type { EncryptionOptions } from './crypto/keyring.js'
import { toMilliseconds, type Duration } from './duration.js'
import { InvalidOptionError } from './errors.js'
import { MAX_LIFETIME } from './expiry.js'
import { silentLogger, type Logger } from './logger.js'
import type { Fork, SessionContent } from './merge.js'
import { aNear, type NearOptions } from './near-options.js'
import {
  aBoolean,
  aContext,
  aFunction,
  anIdentifier,
  durationFrom,
  either,
  integerIn,
  objectWith,
  oneOf,
  stringUpTo,
  type Checks,
} from './options.js'
import type { Context } from './session-id.js'

/** Settles two changes of one session: what is returned, or resolved with, is stored. */
export type ConflictResolver = (fork: Fork) => SessionContent | Promise<SessionContent>

/** What every way to open sessions takes. Durations are ms, or text like `'15m'`. */
export interface SessionOptions {
  /** Lifetime where the cookie has none. Default: `'1d'`. */
  readonly ttl?: Duration | ((session: SessionContent) => Duration)

  /** The longest that a session may live, however active. Default: no limit. */
  readonly absoluteTtl?: Duration

  /**
   * The least by which a touch must move the expiry to be persisted, never more than a tenth of the
   * session's lifetime; `0` persists each one. Default: `'1m'`.
   */
  readonly touchEvery?: Duration

  /**
   * How often expired rows are deleted; `false` for never. Default: `'1h'`, a tenth more or less.
   */
  readonly sweepEvery?: Duration | false

  /** How many rows one statement of a sweep deletes. Default: `1000`. */
  readonly sweepBatch?: number

  /**
   * Whose session it is, for lists and `destroyUser`. Default:
   * `session.userId ?? session.passport?.user`.
   */
  readonly userId?: (session: SessionContent) => string | number | null | undefined

  /** Whether only the SHA-256 of a session's id is ever stored. Default: `true`. */
  readonly hashSessionIds?: boolean

  /** Encryption at rest. Default: none. */
  readonly encryption?: EncryptionOptions

  /**
   * What happens when two requests changed one session. Default: `'merge'`, three ways on top-level
   * keys.
   */
  readonly onConflict?: 'merge' | 'overwrite' | 'reject' | ConflictResolver

  /** Turns sessions into text and back; `parse` may return a promise. Default: JSON. */
  readonly serializer?: Serializer

  /** The namespace: sessions of one context can not be named from another. Default: `'web'`. */
  readonly context?: Context

  /** The Postgres schema of the tables. Default: the connection's search path. */
  readonly schema?: string

  /** The table of the sessions. Default: `'sessions'`. */
  readonly table?: string

  /** Whether to apply the migrations at start. Default: `false`. */
  readonly createTables?: boolean

  /**
   * Whether sessions are also remembered in this process, for a few seconds; needs Redis, which tells
   * of every change. Default: `false`.
   */
  readonly near?: boolean | NearOptions

  /**
   * Whether other processes keep sessions of these tables in Redis, and this one does not: what it
   * changes is then noted in Postgres, and they tell Redis within a second or two. Default: `false`.
   */
  readonly redisElsewhere?: boolean

  /** How long Redis may take before Postgres answers instead. Default: `'50ms'`. */
  readonly redisTimeout?: Duration

  /** How long Postgres may take before the request fails. Default: `'5s'`. */
  readonly ledgerTimeout?: Duration

  /** What Redis keys begin with. Default: `'session:'`. */
  readonly prefix?: string

  /** Where to report. Default: nowhere. */
  readonly logger?: Logger

  /** The time. Default: the system's. */
  readonly clock?: Clock
}

const positive = durationFrom(1)

/** The checks of {@link SessionOptions}. */
export const sessionOptionChecks: Checks<SessionOptions> = {
  ttl: either(positive, aFunction),
  absoluteTtl: positive,
  touchEvery: durationFrom(0),
  sweepEvery: either(durationFrom(1000), oneOf(false)),
  sweepBatch: integerIn(1, 100_000),
  userId: aFunction,
  hashSessionIds: aBoolean,
  encryption: (value) =>
    typeof value === 'object' && value !== null ? undefined : 'must be { keys, current }',
  onConflict: either(oneOf('merge', 'overwrite', 'reject'), aFunction),
  serializer: objectWith('stringify', 'parse'),
  context: aContext,
  schema: anIdentifier,
  table: anIdentifier,
  createTables: aBoolean,
  near: aNear,
  redisElsewhere: aBoolean,
  redisTimeout: positive,
  ledgerTimeout: positive,
  prefix: stringUpTo(200),
  logger: objectWith('error', 'warn', 'info', 'debug'),
  clock: objectWith('now', 'monotonic', 'schedule'),
}

/** The options that the engine itself uses, with defaults filled in and durations in ms. */
export interface EngineSettings {
  readonly ttl: (session: SessionContent) => number
  readonly absoluteTtl: number | undefined
  readonly touchEvery: number
  readonly sweepEvery: number | false
  readonly sweepBatch: number
  readonly userId: (session: SessionContent) => string | undefined

  /** How an owner stands in the index of users; with `encryption` only by its hash. */
  readonly indexOwner: (owner: unknown) => string | undefined
  readonly hashSessionIds: boolean
  readonly onConflict: 'merge' | 'overwrite' | 'reject' | ConflictResolver
  readonly codec: Codec
  readonly context: Context
  readonly redisElsewhere: boolean
  readonly redisTimeout: number
  readonly ledgerTimeout: number
  readonly logger: Logger
  readonly clock: Clock
}

/**
 * Fills in the defaults of options that were checked. @throws {@link InvalidOptionError} for keys
 * that can not be.
 */
export function toEngineSettings(options: SessionOptions): EngineSettings {
  const { ttl = '1d', touchEvery = '1m', sweepEvery = '1h', sweepBatch = 1000 } = options
  const { redisTimeout = '50ms', ledgerTimeout = '5s', absoluteTtl, userId = ownerOf } = options
  const { hashSessionIds = true, encryption, onConflict = 'merge', serializer } = options
  const {
    redisElsewhere = false,
    context = 'web',
    logger = silentLogger,
    clock = systemClock,
  } = options
  const indexOwner = encryption ? hashOwner : toUserId
  return Object.freeze({
    ttl: (session: SessionContent) =>
      milliseconds('ttl', typeof ttl === 'function' ? ttl(session) : ttl),
    absoluteTtl:
      absoluteTtl === undefined
        ? undefined
        : Math.min(milliseconds('absoluteTtl', absoluteTtl), MAX_LIFETIME),
    touchEvery: milliseconds('touchEvery', touchEvery),
    sweepEvery: sweepEvery === false ? false : milliseconds('sweepEvery', sweepEvery),
    sweepBatch,
    userId: (session: SessionContent) => indexOwner(userId(session)),
    indexOwner,
    hashSessionIds,
    onConflict,
    codec: new Codec(serializer, encryption),
    context,
    redisElsewhere,
    redisTimeout: milliseconds('redisTimeout', redisTimeout),
    ledgerTimeout: milliseconds('ledgerTimeout', ledgerTimeout),
    logger,
    clock,
  })
}

function milliseconds(option: string, value: unknown): number {
  const ms = toMilliseconds(value)
  if (ms === undefined) throw new InvalidOptionError(option, 'gave no duration')
  return ms
}

function ownerOf(session: SessionContent): string | number | undefined {
  const { userId, passport } = session as { userId?: unknown; passport?: { user?: unknown } | null }
  const owner = userId ?? passport?.user
  return typeof owner === 'string' || typeof owner === 'number' ? owner : undefined
}

/**
 * How an owner is indexed: as text, or by its SHA-256 where the text is too long for an index
 * entry, or holds what Postgres has no text for. Equal owners give equal entries, and different
 * ones different entries.
 */
export function toUserId(owner: unknown): string | undefined {
  if (typeof owner !== 'string' && typeof owner !== 'number') return undefined
  const text = String(owner)
  const isIndexable = text.length <= 255 && !text.includes('\0') && text.isWellFormed()
  return isIndexable ? text || undefined : hashOwner(text)
}

function hashOwner(owner: unknown): string | undefined {
  if (typeof owner !== 'string' && typeof owner !== 'number') return undefined
  const text = String(owner)
  if (text === '') return undefined
  return `sha256:${createHash('sha256').update(text, 'utf16le').digest('base64url')}`
}
