import { toMilliseconds, type Duration } from '../../../core/duration.js'
import { InvalidOptionError } from '../../../core/errors.js'
import {
  checkOptions,
  durationFrom,
  integerIn,
  objectWith,
  stringUpTo,
  type Check,
  type Checks,
} from '../../../core/options.js'

/** So many in so long a time. */
export interface RateLimit {
  readonly points: number

  /** A second at least, 24 days at most; counted in whole seconds, rounded up. */
  readonly duration: Duration
}

/** How often what may be done. */
export interface RateLimitOptions {
  /**
   * An ioredis client, by which all processes count together; it is never closed, and gets a
   * command more (`rlflxIncr`). While it is away each
   * counts by itself. Default: each process counts by itself; with `REDIS_URL`, a client of our own.
   */
  readonly redis?: object | undefined

  /** What keys in Redis begin with. Default: `'holdfast:limit:'`. */
  readonly prefix?: string | undefined

  /** Sessions that begin, of one user. Default: 60 a minute. */
  readonly createOfUser?: RateLimit | undefined

  /** Sessions that begin, from one address, or IPv6 network (/64). Default: 300 a minute. */
  readonly createFromAddress?: RateLimit | undefined

  /** Refreshes of one session. Default: 300 a minute. */
  readonly refresh?: RateLimit | undefined

  /** Tokens that are none, from one address, or IPv6 network (/64). Default: 30 a minute. */
  readonly invalidToken?: RateLimit | undefined
}

/** All that is limited. */
export const LIMITED = ['createOfUser', 'createFromAddress', 'refresh', 'invalidToken'] as const

/** What is limited. */
export type Limited = (typeof LIMITED)[number]

/** Points, and seconds. */
export interface LimitSettings {
  readonly points: number
  readonly duration: number
}

const DEFAULTS: Readonly<Record<Limited, number>> = {
  createOfUser: 60,
  createFromAddress: 300,
  refresh: 300,
  invalidToken: 30,
}

/** No timer is longer: the one that ends it would end it at once. 24 days, ms. */
const LONGEST = 24 * 86_400_000

const limitChecks: Checks<RateLimit> = {
  points: integerIn(1, 1_000_000),
  duration: durationFrom(1_000, LONGEST),
}

const aLimit: Check = (value) =>
  problemIn(value, limitChecks) ??
  (value && 'points' in Object(value) && 'duration' in Object(value)
    ? undefined
    : 'must be { points, duration }')

const checks: Checks<RateLimitOptions> = {
  redis: objectWith('eval', 'multi', 'defineCommand'),
  prefix: stringUpTo(200),
  createOfUser: aLimit,
  createFromAddress: aLimit,
  refresh: aLimit,
  invalidToken: aLimit,
}

/** {@link RateLimitOptions}. */
export const someRateLimits: Check = (value) => problemIn(value, checks)

/** Fills in the default of a limit that was checked. */
export function limitOf(options: RateLimitOptions, limited: Limited): LimitSettings {
  const { points = DEFAULTS[limited], duration = '1m' } = options[limited] ?? {}
  return { points, duration: Math.ceil((toMilliseconds(duration) ?? NaN) / 1_000) }
}

function problemIn<Options extends object>(
  value: unknown,
  known: Checks<Options>,
): string | undefined {
  try {
    checkOptions(value, known)
    return undefined
  } catch (error) {
    if (error instanceof InvalidOptionError) return `has a problem: ${error.message}`
    throw error
  }
}
