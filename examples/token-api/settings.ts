import { levels, type Level } from './logger.js'
import { readSecrets, type Secrets } from './secrets.js'
import { StartError } from './start-error.js'

/** What the environment decides, but for the storage: `UserManagerFactory` reads that itself. */
export interface Settings {
  readonly isProduction: boolean

  /** 0 for any that is free. */
  readonly port: number

  /** How many proxies are in front. */
  readonly proxies: number
  readonly logLevel: Level
  readonly secrets: Secrets

  /** For the rate limits; the sessions have a connection of their own. */
  readonly redisUrl: string | undefined

  /** For how long a refresh token that was used gives the same pair again, ms. */
  readonly retryWithin: number
}

/**
 * Reads the environment.
 *
 * @throws StartError that names the variable, and never its value.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const isProduction = env['NODE_ENV'] === 'production'
  const retrySeconds = { unless: 10, most: 600 }
  return {
    isProduction,
    port: readNumber('PORT', { unless: 3002, most: 65_535 }, env['PORT']),
    proxies: readNumber('TRUST_PROXY', { unless: 0, most: 10 }, env['TRUST_PROXY']),
    logLevel: readLevel(env['LOG_LEVEL']),
    secrets: readSecrets(env, isProduction),
    redisUrl: readUrl(env['REDIS_URL']),
    retryWithin: readNumber('RETRY_SECONDS', retrySeconds, env['RETRY_SECONDS']) * 1000,
  }
}

function readNumber(
  name: string,
  { unless, most }: { readonly unless: number; readonly most: number },
  text = '',
): number {
  const number = Number(text.trim() || unless)
  if (Number.isInteger(number) && number >= 0 && number <= most) return number
  throw new StartError(`${name} must be a number from 0 to ${most}`)
}

function readUrl(text = ''): string | undefined {
  return text.trim() === '' ? undefined : text.trim()
}

function readLevel(text = ''): Level {
  const level = levels.find((each) => each === (text.trim() || 'warn'))
  if (level) return level
  throw new StartError(`LOG_LEVEL must be one of ${levels.join(', ')}`)
}
