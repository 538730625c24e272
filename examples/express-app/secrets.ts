import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from './start-error.js'

/** What cookies are signed with. The first signs; all of them are accepted, so that a secret can be replaced. */
export interface Secrets {
  readonly all: string[]

  /** What whoever starts the application should know of them. */
  readonly notice?: string
}

const fewestCharacters = 32
const fewestDifferentCharacters = 10
const placeholder =
  /change[-_ ]?(?:me|this|it)|replace|your[-_ ]|placeholder|example|password|keyboard|session[-_ ]?secret|default/i
const howToMakeOne = 'make one with: openssl rand -base64 32'

/** Reads a list that is separated by commas. In production each secret has to be one; elsewhere a weak one is told of. */
export function readSecrets(list: string | undefined, isProduction: boolean): Secrets | undefined {
  const all = (list ?? '').split(',').flatMap((secret) => secret.trim() || [])
  if (all.length === 0) {
    if (isProduction) throw new StartError(`SESSION_SECRET is not set: ${howToMakeOne}`)
    return undefined
  }
  const problem = all.map(weaknessOf).find((weakness) => weakness !== undefined)
  if (problem === undefined) return { all }
  const notice = `SESSION_SECRET ${problem}: ${howToMakeOne}`
  if (isProduction) throw new StartError(notice)
  return { all, notice: `${notice} (production refuses it)` }
}

/** Why a secret is none. The secret itself is never part of it. */
function weaknessOf(secret: string): string | undefined {
  if (secret.length < fewestCharacters) return `is shorter than ${fewestCharacters} characters`
  if (placeholder.test(secret)) return 'is a placeholder'
  const differentCharacters = new Set(secret).size
  return differentCharacters < fewestDifferentCharacters ? 'repeats a few characters' : undefined
}

/** A random secret that stays in the data folder, so that sessions outlive a restart on a development machine. */
export function secretIn(dataFolder: string): Secrets {
  const path = join(dataFolder, 'session-secret')
  mkdirSync(dataFolder, { recursive: true })
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return {
    all: [readFileSync(path, 'utf8')],
    notice: 'SESSION_SECRET is not set: a random one is kept in the data folder',
  }
}
