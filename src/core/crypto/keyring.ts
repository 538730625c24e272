import { hkdfSync } from 'node:crypto'
import { InvalidOptionError, UnknownKeyError } from '../errors.js'
import { isPlainObject } from '../merge.js'
import { weaknessOf } from './secret-strength.js'

/** Encryption at rest: AES-256-GCM, with keys that rotate. */
export interface EncryptionOptions {
  /**
   * Secrets by key id (1 to 32 letters, digits, `_`, `-`): at least 32 characters, best of random.
   * What repeats itself, and what stands in guides to be replaced, is refused.
   */
  readonly keys: Readonly<Record<string, string>>

  /**
   * The key id that new data is sealed with; data sealed with any of the others is still opened.
   */
  readonly current: string

  /**
   * Whether a session that is not sealed is read as it is, for as long as there are some from
   * before encryption was turned on. Whoever can write to the tables can then plant one. Default:
   * `false`.
   */
  readonly allowPlaintext?: boolean
}

const NAMES: readonly string[] = ['keys', 'current', 'allowPlaintext']

/** Keys of 256 bits by id, derived from the secrets by HKDF-SHA-256 (RFC 5869). */
export class Keyring {
  readonly current: string
  readonly #keys = new Map<string, Buffer>()

  /**
   * @throws {@link InvalidOptionError} where ids or secrets are not as {@link EncryptionOptions}
   * says.
   */
  constructor(options: EncryptionOptions) {
    const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
    if (unknown !== undefined) refuse(`does not know '${unknown}': there are ${NAMES.join(', ')}`)
    if (!isPlainObject(options.keys)) refuse('must have keys by key id')
    if (!['boolean', 'undefined'].includes(typeof options.allowPlaintext)) {
      refuse('must have true or false as allowPlaintext')
    }
    for (const [id, secret] of Object.entries(options.keys)) {
      this.#keys.set(checkedId(id), derive(checkedSecret(id, secret)))
    }
    if (!this.#keys.has(options.current)) refuse("must name one of its keys in 'current'")
    this.current = options.current
  }

  /** @throws {@link UnknownKeyError} */
  key(id: string): Buffer {
    const key = this.#keys.get(id)
    if (!key) throw new UnknownKeyError(id)
    return key
  }
}

function refuse(problem: string): never {
  throw new InvalidOptionError('encryption', problem)
}

function checkedId(id: string): string {
  return /^[\w-]{1,32}$/.test(id)
    ? id
    : refuse('must have key ids of 1 to 32 letters, digits, _ or -')
}

function checkedSecret(id: string, secret: string): string {
  const weakness = weaknessOf(secret)
  return weakness === undefined ? secret : refuse(`has a secret that is none: '${id}' ${weakness}`)
}

function derive(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'holdfast session data v1', 32))
}
