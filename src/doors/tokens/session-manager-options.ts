import {
  checkOptions,
  durationFrom,
  either,
  objectWith,
  oneOf,
  stringUpTo,
  type Checks,
} from '../../core/options.js'
import { toMilliseconds, type Duration } from '../../core/duration.js'
import { isPlainObject } from '../../core/merge.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import { SigningKeys, type SigningOptions } from './access/signing-keys.js'
import { anIdSchema, checkPermissionName, type IdSchema } from './inputs.js'
import { someRateLimits, type RateLimitOptions } from './limits/rate-limit-options.js'
import type { Logger } from './logger.js'
import type { Roles } from './permissions.js'
import type { UserDirectory } from './user-directory.js'

/**
 * What a {@link SessionManager} is made of. What is not given comes from the environment, at first use:
 * see docs/doors/tokens.md. Durations are ms, or text like `'15m'`.
 */
export interface SessionManagerOptions {
  /**
   * Where sessions are; other doors may share it. What is handed in stays open. Default: one of its own,
   * over `DATABASE_URL` and `REDIS_URL`, sealed with `SESSION_ENCRYPTION_KEY`.
   */
  readonly engine?: SessionEngine | undefined

  /** What tokens are signed with. Default: `JWT_SECRET`. */
  readonly signing?: SigningOptions | undefined

  /** Who knows the users. Default: nobody does; whoever calls has made sure, and nobody has a role. */
  readonly users?: UserDirectory | undefined

  /** Which permissions each role has. Default: none has any. */
  readonly roles?: Roles | undefined

  /** How long an access token is good, unless its session ends before. Default: `'24h'`. */
  readonly accessTtl?: Duration | undefined

  /** How long a session lives without being refreshed. Default: `'7d'`. */
  readonly refreshTtl?: Duration | undefined

  /** How long a session lives however often it is refreshed. Default: `'30d'`. */
  readonly absoluteTtl?: Duration | undefined

  /** For how long a refresh token that was used gives its successor again. Default: `'10s'`. */
  readonly retryWithin?: Duration | undefined

  /** The `iss` of access tokens. Default: `'holdfast'`. */
  readonly issuer?: string | undefined

  /** The `aud` of access tokens. Default: `'holdfast:'`, and the engine's context. */
  readonly audience?: string | undefined

  /** What ids of users and organizations are checked with, a schema of zod. Default: `z.uuid()`. */
  readonly idSchema?: IdSchema | undefined

  /** How often what may be done; `false` for any number. Default: see {@link RateLimitOptions}. */
  readonly rateLimits?: RateLimitOptions | false | undefined

  /** Where to report. Default: nowhere. */
  readonly logger?: Logger | undefined
}

/** A second: below that nothing would ever be good. */
const aLifetime = durationFrom(1_000)

const checks: Checks<SessionManagerOptions> = {
  engine: objectWith('idOf', 'read', 'readListed', 'write', 'remove', 'removeUser', 'on', 'emit'),
  signing: aSigning,
  users: objectWith('findById'),
  roles: someRoles,
  accessTtl: aLifetime,
  refreshTtl: aLifetime,
  absoluteTtl: aLifetime,
  retryWithin: durationFrom(0),
  issuer: stringUpTo(512),
  audience: stringUpTo(512),
  idSchema: anIdSchema,
  rateLimits: either(oneOf(false), someRateLimits),
  logger: objectWith('error', 'warn', 'info', 'debug'),
}

/** Takes the options of a manager. @throws {@link InvalidOptionError} */
export function checkManagerOptions(options: SessionManagerOptions): void {
  checkOptions(options, checks)
}

/** Lifetimes in ms, and names, with defaults filled in. */
export interface TokenSettings {
  readonly accessTtl: number
  readonly refreshTtl: number
  readonly absoluteTtl: number
  readonly retryWithin: number
  readonly issuer: string
  readonly audience: string | undefined
  readonly roles: Roles
}

/** Fills in the defaults of options that were checked. */
export function toTokenSettings(options: SessionManagerOptions): TokenSettings {
  const { accessTtl = '24h', refreshTtl = '7d', absoluteTtl = '30d', retryWithin = '10s' } = options
  const { issuer = 'holdfast', audience, roles = {} } = options
  return Object.freeze({
    accessTtl: toMilliseconds(accessTtl) ?? NaN,
    refreshTtl: toMilliseconds(refreshTtl) ?? NaN,
    absoluteTtl: toMilliseconds(absoluteTtl) ?? NaN,
    retryWithin: toMilliseconds(retryWithin) ?? NaN,
    issuer,
    audience,
    roles,
  })
}

/** Told here, and not at first use: whoever wrote it is there now. */
function aSigning(value: unknown): string | undefined {
  return problemOf(() => new SigningKeys(value as SigningOptions))
}

function someRoles(value: unknown): string | undefined {
  if (!isPlainObject(value)) return 'must be { role: permissions }'
  return problemOf(() => {
    for (const [role, permissions] of Object.entries(value)) {
      if (role === '' || !Array.isArray(permissions))
        throw new Error(`it has '${role}', without a list of permissions`)
      for (const each of permissions) checkPermissionName(each)
    }
  })
}

function problemOf(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    return `has a problem: ${(error as Error).message}`
  }
}
