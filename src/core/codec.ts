import { Keyring, type EncryptionOptions } from './crypto/keyring.js'
import { isSealed, seal, unseal } from './crypto/seal.js'
import { DecryptionError, SerializationError } from './errors.js'
import type { SessionContent } from './merge.js'
import type { SessionId } from './session-id.js'

/** Turns sessions into text and back. */
export interface Serializer {
  /** A session as text, without NUL. What it throws becomes a {@link SerializationError}. */
  stringify(session: object): string

  /** The session of a text, or a promise of it; a new object at each call. */
  parse(text: string): unknown
}

/** Text that is no session: what is stored was damaged, or written by something else. */
export class CorruptTextError extends Error {
  override readonly name = 'CorruptTextError'
}

/** What lies between a session and a record's `data`: the serializer, then the seal. */
export class Codec {
  readonly #serializer: Serializer
  readonly #keyring: Keyring | undefined
  readonly #allowPlaintext: boolean

  /** Whether the serializer's `parse` has given a promise: then it is not asked to answer at once. */
  #isSlow = false

  constructor(serializer: Serializer = JSON, encryption?: EncryptionOptions) {
    this.#serializer = serializer
    this.#keyring = encryption && new Keyring(encryption)
    this.#allowPlaintext = encryption?.allowPlaintext ?? false
  }

  /** @throws {@link SerializationError} */
  stringify(session: object): string {
    let text: unknown
    try {
      text = this.#serializer.stringify(session)
    } catch (error) {
      throw new SerializationError('the serializer threw', error)
    }
    if (typeof text !== 'string') throw new SerializationError('the serializer gave no string')
    return text
  }

  /**
   * Makes a new object at each call. @throws {@link CorruptTextError} where the text holds no
   * object.
   */
  async parse(text: string): Promise<SessionContent> {
    try {
      return toContent(await this.#serializer.parse(text))
    } catch (error) {
      throw toCorrupt(error)
    }
  }

  /**
   * As {@link Codec.parse}, at once; `undefined` where the serializer takes its time.
   *
   * @throws {@link CorruptTextError}
   */
  parseNow(text: string): SessionContent | undefined {
    if (this.#isSlow) return undefined
    try {
      const value = this.#serializer.parse(text)
      if (!isThenable(value)) return toContent(value)
      this.#isSlow = true
      value.then(undefined, () => {})
      return undefined
    } catch (error) {
      throw toCorrupt(error)
    }
  }

  /** A serialized session as it is stored. */
  seal(id: SessionId, text: string): string {
    return this.#keyring ? seal(text, id, this.#keyring) : text
  }

  /**
   * A stored session as it was serialized. @throws {@link DecryptionError}, {@link UnknownKeyError}
   */
  unseal(id: SessionId, data: string): string {
    if (!this.#keyring) {
      if (isSealed(data)) throw new DecryptionError('no `encryption` is given, and it is encrypted')
      return data
    }
    if (this.#allowPlaintext && !isSealed(data)) return data
    return unseal(data, id, this.#keyring)
  }
}

/** A promise, be it another realm's or another library's. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = typeof value === 'object' && value !== null
  return isObject && typeof (value as { readonly then?: unknown }).then === 'function'
}

/** @throws {@link CorruptTextError} */
function toContent(value: unknown): SessionContent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CorruptTextError('The text holds no object')
  }
  return value as SessionContent
}

function toCorrupt(error: unknown): CorruptTextError {
  if (error instanceof CorruptTextError) return error
  return new CorruptTextError('The text can not be parsed', { cause: error })
}
