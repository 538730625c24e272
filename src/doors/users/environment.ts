import { emitWarning, env } from 'node:process'
import { SESSION_CONSTANTS } from './constants.js'
import { EnvironmentError } from './errors.js'

const { MOCK, DEVELOPMENT, PRODUCTION } = SESSION_CONSTANTS.ENVIRONMENTS

/** Which kind of manager a program gets. */
export type ManagerEnvironment =
  (typeof SESSION_CONSTANTS.ENVIRONMENTS)[keyof typeof SESSION_CONSTANTS.ENVIRONMENTS]

/** The environment by `NODE_ENV`: `production`, `development`, and `mock` for all else. */
export function getEnvironment(): ManagerEnvironment {
  switch (env['NODE_ENV']?.trim()) {
    case 'production':
      return PRODUCTION
    case 'development':
      return DEVELOPMENT
    default:
      return MOCK
  }
}

/** What the environment's variables say of storage. */
export interface StorageVariables {
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined

  /** `FORCE_MOCK_MODE=true` */
  readonly isMockForced: boolean
}

/** Reads `DATABASE_URL`, `REDIS_URL` and `FORCE_MOCK_MODE`; what is empty is not there. */
export function readStorageVariables(): StorageVariables {
  return {
    databaseUrl: textIn('DATABASE_URL'),
    redisUrl: textIn('REDIS_URL'),
    isMockForced: textIn('FORCE_MOCK_MODE') === 'true',
  }
}

function textIn(variable: string): string | undefined {
  const text = env[variable]?.trim()
  return text === '' ? undefined : text
}

/** Takes a Postgres URL. @throws {@link EnvironmentError} where it is none; it is told nowhere. */
export function checkDatabaseUrl(url: string): void {
  if (!hasProtocol(url, 'postgres:', 'postgresql:'))
    throw new EnvironmentError('DATABASE_URL', 'must be a postgresql:// URL')
}

/** Takes a Redis URL. @throws {@link EnvironmentError} where it is none; it is told nowhere. */
export function checkRedisUrl(url: string): void {
  if (!hasProtocol(url, 'redis:', 'rediss:'))
    throw new EnvironmentError('REDIS_URL', 'must be a redis:// or rediss:// URL')
}

/** Whether the database of this URL is on this machine. */
export function isLocalDatabase(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? hostname
  return host === '' || host.startsWith('/') || isLoopback(host)
}

/** Tells the process of something that nobody else would see; each thing once. */
export function warnOnce(code: string, message: string): void {
  if (told.has(code)) return
  told.add(code)
  emitWarning(message, { type: 'HoldfastWarning', code })
}

const told = new Set<string>()

function hasProtocol(url: string, ...protocols: readonly string[]): boolean {
  return URL.canParse(url) && protocols.includes(new URL(url).protocol)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}
