import { hkdfSync } from 'node:crypto'
import { env } from 'node:process'
import { weaknessOf } from '../../core/crypto/secret-strength.js'
import { SessionError } from './errors.js'

/** Secrets by key id, as options for signing and for encryption take them. */
export interface SecretRing {
  readonly keys: Readonly<Record<string, string>>
  readonly current: string
}

/** Where the environment says that sessions are. */
export interface StorageVariables {
  readonly isProduction: boolean
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
}

/**
 * Reads `DATABASE_URL`, `REDIS_URL` and `NODE_ENV`; what is empty is not there.
 *
 * @throws {@link SessionError} of the type SYSTEM_ERROR that names the variable; its value is told nowhere.
 */
export function readStorageVariables(): StorageVariables {
  return {
    isProduction: textIn('NODE_ENV') === 'production',
    databaseUrl: urlIn('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: urlIn('REDIS_URL', ['redis:', 'rediss:']),
  }
}

/**
 * `JWT_SECRET`, or a list of them, separated by commas: the first signs, what the others have signed is
 * good too.
 *
 * @throws {@link SessionError} of the type SYSTEM_ERROR that names the variable; its value is told nowhere.
 */
export function readSigningSecrets(): SecretRing {
  return secretsIn(SIGNING, ENCRYPTION)
}

/** As {@link readSigningSecrets}, of `SESSION_ENCRYPTION_KEY`: the first seals, the others open. */
export function readEncryptionSecrets(): SecretRing {
  return secretsIn(ENCRYPTION, SIGNING)
}

/** @throws {@link SessionError} of the type SYSTEM_ERROR that names the variable. */
export function refuseVariable(variable: string, problem: string): never {
  throw new SessionError('misconfigured', `The environment variable ${variable} ${problem}`)
}

function secretsIn(variable: string, other: string): SecretRing {
  const secrets = listIn(variable)
  const [first] = secrets
  if (first === undefined) refuseVariable(variable, `is not set; ${HOW}`)
  for (const secret of secrets) {
    const weakness = weaknessOf(secret)
    if (weakness !== undefined) refuseVariable(variable, `${weakness}; ${HOW}`)
  }
  const others = new Set(listIn(other))
  // Whoever learns one of the two must not have learned the other.
  if (secrets.some((secret) => others.has(secret))) {
    refuseVariable(variable, `must have another value than ${other}; ${HOW}`)
  }
  const keys = Object.fromEntries(secrets.map((secret) => [keyIdOf(secret), secret]))
  return { keys, current: keyIdOf(first) }
}

const SIGNING = 'JWT_SECRET'
const ENCRYPTION = 'SESSION_ENCRYPTION_KEY'
const HOW = 'make one with: openssl rand -base64 32'

/** The same in all processes, in whatever order they have their secrets; it tells nothing of them. */
function keyIdOf(secret: string): string {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'holdfast key id v1', 9))
  return bytes.toString('base64url')
}

function listIn(variable: string): string[] {
  const secrets = (textIn(variable) ?? '').split(',')
  return secrets.map((secret) => secret.trim()).filter((secret) => secret !== '')
}

function urlIn(variable: string, protocols: readonly string[]): string | undefined {
  const url = textIn(variable)
  if (url === undefined || protocols.some((each) => isUrl(url, each))) return url
  return refuseVariable(variable, `must be a ${protocols.join('// or ')}// URL`)
}

function isUrl(url: string, protocol: string): boolean {
  return URL.canParse(url) && new URL(url).href.startsWith(`${protocol}//`)
}

function textIn(variable: string): string | undefined {
  const text = env[variable]?.trim()
  return text === '' ? undefined : text
}
