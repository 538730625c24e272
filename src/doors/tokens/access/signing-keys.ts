import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { weaknessOf } from '../../../core/crypto/secret-strength.js'
import { InvalidOptionError } from '../../../core/errors.js'
import { isPlainObject } from '../../../core/merge.js'

/** What tokens are signed with, by keys that rotate. */
export interface SigningOptions {
  /** Secrets by key id (1 to 32 letters, digits, `_`, `-`), of at least 32 random characters each. */
  readonly keys: Readonly<Record<string, string>>

  /** Which one signs. What any of the others has signed is good too. */
  readonly current: string
}

/** What one secret is good for. */
export interface SigningKey {
  readonly id: string

  /** Signs access tokens: the secret as it is, so that other services can verify with it. */
  readonly access: KeyObject

  /** Authenticates refresh tokens: derived from the secret by HKDF-SHA-256 (RFC 5869). */
  readonly refresh: Buffer
}

/** The keys that are in force. */
export class SigningKeys {
  readonly current: SigningKey
  readonly #keys = new Map<string, SigningKey>()

  /** @throws {@link InvalidOptionError}, which names a key by its id and tells no secret. */
  constructor(options: SigningOptions) {
    if (!isPlainObject(options) || !isPlainObject(options.keys)) refuse('must be { keys, current }')
    for (const [id, secret] of Object.entries(options.keys)) {
      if (!/^[\w-]{1,32}$/.test(id)) refuse('must have key ids of 1 to 32 letters, digits, _ or -')
      const weakness = weaknessOf(secret)
      if (weakness !== undefined) refuse(`has a secret that is none: '${id}' ${weakness}`)
      this.#keys.set(id, toKey(id, secret))
    }
    const current = this.#keys.get(options.current)
    if (!current) refuse("must name one of its keys in 'current'")
    this.current = current
  }

  /** The key of this id, be it any value. */
  find(id: unknown): SigningKey | undefined {
    return typeof id === 'string' ? this.#keys.get(id) : undefined
  }

  /** All keys, the current one first. */
  all(): readonly SigningKey[] {
    return [...new Set([this.current, ...this.#keys.values()])]
  }
}

function toKey(id: string, secret: string): SigningKey {
  const bytes = Buffer.from(secret)
  const refresh = Buffer.from(hkdfSync('sha256', bytes, '', 'holdfast refresh tokens v1', 32))
  return { id, access: createSecretKey(bytes), refresh }
}

function refuse(problem: string): never {
  throw new InvalidOptionError('signing', problem)
}
