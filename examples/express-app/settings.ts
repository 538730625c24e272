import { join } from 'node:path'
import { readSecrets, secretIn, type Secrets } from './secrets.js'
import { StartError } from './start-error.js'

/** All that the environment decides. */
export interface Settings {
  readonly isProduction: boolean

  /** 0 for any that is free. */
  readonly port: number
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined

  /** Where the embedded Postgres and a development secret are. */
  readonly dataFolder: string
  readonly secrets: Secrets

  /** Express's `trust proxy`: how many proxies are in front, or their addresses; `false` for none. */
  readonly trustProxy: number | string | false
}

/**
 * Reads the environment.
 *
 * @throws StartError that names the variable, and never its value.
 */
export function readSettings(env: NodeJS.ProcessEnv, folder: string): Settings {
  const isProduction = env['NODE_ENV'] === 'production'
  const dataFolder = readFolder(env['DATA_DIR']) ?? join(folder, '.data')
  return {
    isProduction,
    port: readPort(env['PORT']),
    databaseUrl: readUrl('DATABASE_URL', env['DATABASE_URL'], ['postgres:', 'postgresql:']),
    redisUrl: readUrl('REDIS_URL', env['REDIS_URL'], ['redis:', 'rediss:']),
    dataFolder,
    secrets: readSecrets(env['SESSION_SECRET'], isProduction) ?? secretIn(dataFolder),
    trustProxy: readTrustProxy(env['TRUST_PROXY']),
  }
}

/** Set to nothing is not set: sessions do not go wherever the example happens to be started. */
function readFolder(text = ''): string | undefined {
  return text.trim() === '' ? undefined : text
}

function readPort(text = ''): number {
  const port = Number(text.trim() || 3000)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new StartError('PORT must be a number from 0 to 65535')
}

function readUrl(
  name: string,
  text: string | undefined,
  protocols: readonly string[],
): string | undefined {
  if (!text) return undefined
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
  throw new StartError(`${name} must be a URL that begins with ${protocols.join('// or ')}//`)
}

/** "Trust whoever sends it" is no answer: then anybody could forge addresses and pretend to use https. */
function readTrustProxy(text = ''): number | string | false {
  if (text === '' || text === 'false' || text === '0') return false
  if (/^\d+$/.test(text)) return Number(text)
  if (text !== 'true') return text
  throw new StartError('TRUST_PROXY must be how many proxies there are, or their addresses')
}
