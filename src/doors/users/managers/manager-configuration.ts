import { createHash } from 'node:crypto'
import { identityOf } from '../../../core/identity.js'
import {
  checkOptions,
  integerIn,
  oneOf,
  aFunction,
  stringUpTo,
  type Checks,
} from '../../../core/options.js'
import { sessionOptionChecks, type SessionOptions } from '../../../core/session-options.js'
import type { UserManagerOptions } from './engine-user-manager.js'
import { readStorageVariables, getEnvironment, type ManagerEnvironment } from '../environment.js'
import type { PrismaClientConfig } from '../prisma-singleton.js'

/**
 * What a manager is made by: where its storage is, and the options of its sessions. Nothing has to
 * be given; the environment's variables stand in.
 */
export interface ManagerConfiguration
  extends
    ManagerSessionOptions,
    Pick<UserManagerOptions, 'maxSessionsPerUser' | 'onTooManySessions'>,
    Pick<PrismaClientConfig, 'maxConnections' | 'connectionTimeout' | 'createClient'> {
  /** Default: {@link getEnvironment}. */
  readonly environment?: ManagerEnvironment | undefined

  /** Default: `DATABASE_URL`. */
  readonly databaseUrl?: string | undefined

  /** Default: `REDIS_URL`. */
  readonly redisUrl?: string | undefined
}

/** A manager knows itself whose session it is, and lists show no id that a cookie holds. */
export type ManagerSessionOptions = Omit<SessionOptions, 'userId' | 'hashSessionIds'>

const { userId: _userId, hashSessionIds: _hashSessionIds, ...sessionChecks } = sessionOptionChecks

const configurationChecks: Checks<ManagerConfiguration> = {
  ...sessionChecks,
  environment: oneOf('mock', 'development', 'production'),
  databaseUrl: stringUpTo(4096),
  redisUrl: stringUpTo(4096),
  maxSessionsPerUser: integerIn(1, 10_000),
  onTooManySessions: oneOf('end-oldest', 'refuse'),
  maxConnections: integerIn(1, 1_000),
  connectionTimeout: integerIn(1, 600_000),
  createClient: aFunction,
}

/** A configuration with what the environment says. */
export interface ResolvedConfiguration {
  readonly environment: ManagerEnvironment
  readonly isMockForced: boolean
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly prisma: Omit<PrismaClientConfig, 'databaseUrl'>
  readonly limits: Pick<UserManagerOptions, 'maxSessionsPerUser' | 'onTooManySessions'>
  readonly sessions: ManagerSessionOptions
}

/**
 * Checks a configuration, and asks the environment for what it leaves open.
 *
 * @throws {@link InvalidOptionError}
 */
export function resolveConfiguration(config: ManagerConfiguration): ResolvedConfiguration {
  checkOptions(config, configurationChecks)
  const variables = readStorageVariables()
  const { environment = getEnvironment(), databaseUrl, redisUrl, ...rest } = config
  const { maxConnections, connectionTimeout, createClient, ...others } = rest
  const { maxSessionsPerUser, onTooManySessions, ...sessions } = others
  return {
    environment,
    isMockForced: variables.isMockForced,
    databaseUrl: databaseUrl ?? variables.databaseUrl,
    redisUrl: redisUrl ?? variables.redisUrl,
    prisma: { maxConnections, connectionTimeout, createClient },
    limits: { maxSessionsPerUser, onTooManySessions },
    sessions,
  }
}

/**
 * The same for configurations that come to the same, in whatever order they are written: a digest,
 * because there are passwords in it. Functions, and objects that have some or are of a class, are
 * the same only as themselves.
 */
export function digestOf(config: ResolvedConfiguration): string {
  return createHash('sha256').update(canonical(config)).digest('base64url')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    return isPlain(value) ? canonicalFields(value) : `#${identityOf(value)}`
  }
  return `${typeof value}:${JSON.stringify(value)}`
}

function canonicalFields(value: object): string {
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, each]) => `${JSON.stringify(name)}=${canonical(each)}`).join()}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return !Object.values(value).some((each) => typeof each === 'function')
}
