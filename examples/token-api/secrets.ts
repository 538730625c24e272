import { createHmac, randomBytes } from 'node:crypto'
import { StartError } from './start-error.js'

/** Secrets by key id, as the options of holdfast take them. */
export interface KeyRing {
  readonly keys: Readonly<Record<string, string>>

  /** Which one signs, or seals. */
  readonly current: string
}

/** What tokens are signed with, and what is stored is sealed with. */
export interface Secrets {
  /** `undefined` where `JWT_SECRET` is set: the session manager reads and checks it itself. */
  readonly signing?: KeyRing

  /** `undefined` where nothing is sealed. */
  readonly encryption?: KeyRing

  /** What whoever starts the application should know of them. */
  readonly notice?: string
}

const fewestCharacters = 32
const fewestDifferentCharacters = 10
const placeholder =
  /change[-_ ]?(?:me|this|it)|replace|your[-_ ]|placeholder|example|password|encryption[-_ ]?key|default/i
const howToMakeOne = 'make one with: openssl rand -base64 32'

/** Reads `JWT_SECRET` and `SESSION_ENCRYPTION_KEY`. Production refuses to begin without either. */
export function readSecrets(env: NodeJS.ProcessEnv, isProduction: boolean): Secrets {
  const encryption = readEncryption(env['SESSION_ENCRYPTION_KEY'])
  const missing = ['JWT_SECRET', 'SESSION_ENCRYPTION_KEY'].filter((name) => !env[name]?.trim())
  if (isProduction && missing.length > 0) {
    throw new StartError(`Production needs ${missing.join(' and ')}: ${howToMakeOne}`)
  }
  const sealing = encryption ? { encryption } : {}
  if (!missing.includes('JWT_SECRET')) return sealing
  const signing = { keys: { random: randomBytes(32).toString('base64') }, current: 'random' }
  const notice =
    'JWT_SECRET is not set: tokens are signed with a random one, until this process ends'
  return { ...sealing, signing, notice }
}

/** A list that is separated by commas: the first seals, the others open what they have sealed before. */
function readEncryption(list = ''): KeyRing | undefined {
  const secrets = list.split(',').flatMap((secret) => secret.trim() || [])
  const [first] = secrets
  if (first === undefined) return undefined
  for (const secret of secrets) {
    const weakness = weaknessOf(secret)
    if (!weakness) continue
    throw new StartError(`SESSION_ENCRYPTION_KEY ${weakness}: ${howToMakeOne}`)
  }
  const keys = Object.fromEntries(secrets.map((secret) => [keyIdOf(secret), secret]))
  return { keys, current: keyIdOf(first) }
}

/** The same in all instances, in whatever order they have their secrets; it tells nothing of them. */
function keyIdOf(secret: string): string {
  return createHmac('sha256', secret).update('key id').digest('base64url').slice(0, 12)
}

/** Why a secret is none. The secret itself is never part of it. */
function weaknessOf(secret: string): string | undefined {
  if (secret.length < fewestCharacters) return `is shorter than ${fewestCharacters} characters`
  if (placeholder.test(secret)) return 'is a placeholder'
  const differentCharacters = new Set(secret).size
  return differentCharacters < fewestDifferentCharacters ? 'repeats a few characters' : undefined
}
