import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DecryptionError } from '../errors.js'
import type { SessionId } from '../session-id.js'
import type { Keyring } from './keyring.js'

const PREFIX = 'hf1'
const IV_BYTES = 12
const TAG_BYTES = 16
const SEALED = /^hf1\.([\w-]{1,32})\.([\w-]+)$/

/**
 * Encrypts a session's text: `hf1.<key id>.<base64url of iv, tag, ciphertext>`. The session's id
 * and the key's are authenticated with it, so that what is sealed for one session opens for no
 * other.
 */
export function seal(text: string, id: SessionId, keyring: Keyring): string {
  const iv = randomBytes(IV_BYTES)
  const keyId = keyring.current
  const cipher = createCipheriv('aes-256-gcm', keyring.key(keyId), iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(context(keyId, id))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const body = Buffer.concat([iv, cipher.getAuthTag(), ciphertext])
  return `${PREFIX}.${keyId}.${body.toString('base64url')}`
}

/**
 * Decrypts what {@link seal} made.
 *
 * @throws {@link DecryptionError} where it was altered, or sealed for another session;
 * {@link UnknownKeyError} where the keyring lacks the key.
 */
export function unseal(sealed: string, id: SessionId, keyring: Keyring): string {
  const [, keyId, encoded] = SEALED.exec(sealed) ?? []
  if (keyId === undefined || encoded === undefined) throw new DecryptionError('it is not encrypted')
  const key = keyring.key(keyId)
  const body = Buffer.from(encoded, 'base64url')
  if (body.length < IV_BYTES + TAG_BYTES) throw new DecryptionError('it is cut short')
  const iv = body.subarray(0, IV_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(context(keyId, id))
  decipher.setAuthTag(body.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    const ciphertext = body.subarray(IV_BYTES + TAG_BYTES)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new DecryptionError('it was altered, or belongs to another session', error)
  }
}

/** Whether a text looks like what {@link seal} makes. */
export function isSealed(text: string): boolean {
  return text.startsWith(`${PREFIX}.`)
}

function context(keyId: string, id: SessionId): Buffer {
  return Buffer.from(`${PREFIX}.${keyId}.${id}`)
}
