import { argon2Scheme, verifyArgon2 } from './argon2-scheme.js'
import { InvalidUserError } from '../errors.js'
import type { PasswordScheme } from './password-scheme.js'
import { scryptScheme, verifyScrypt } from './scrypt-scheme.js'

/** What became of a password that was said to be a user's. */
export interface PasswordVerification {
  readonly isValid: boolean

  /**
   * Whether a valid one is to be hashed anew, with {@link hashPassword}: its hash is of another
   * scheme, or of other parameters, than today's.
   */
  readonly needsRehash: boolean
}

/**
 * Hashes a password, salted: argon2id where the optional peer `@node-rs/argon2` is installed, else
 * scrypt.
 *
 * Passwords are taken in Unicode's normal form NFKC (NIST SP 800-63B), so that one that was typed on
 * another keyboard is the same; case and spaces count.
 *
 * @throws {@link InvalidUserError} for one that is empty or has more than 1,024 bytes of UTF-8.
 */
export async function hashPassword(password: string): Promise<string> {
  const bytes = toBytes(password)
  if (bytes === undefined) {
    throw new InvalidUserError('password', `must be well-formed text of 1 to ${MOST_BYTES} bytes`)
  }
  return (await today()).hash(bytes)
}

/**
 * Whether a password is the one that was hashed. Where there is no hash, or none that can be read,
 * it is invalid after as much work as a wrong one, so that an answer's time does not tell who exists.
 * A hash that is dearer than today's does tell, until it is hashed anew.
 *
 * @throws {@link UsersUnavailableError} for a hash of argon2 where `@node-rs/argon2` is not
 * installed: nobody can tell.
 */
export async function verifyPassword(
  password: string,
  hash: string | undefined,
): Promise<PasswordVerification> {
  const bytes = toBytes(password)
  if (bytes === undefined) return INVALID
  const scheme = await today()
  const isOfToday = typeof hash === 'string' && hash.startsWith(scheme.prefix)
  const isValid = await verify(bytes, hash)
  if (isValid === true) return { isValid, needsRehash: !isOfToday }
  if (isValid === undefined || !isOfToday) await scheme.hash(bytes)
  return INVALID
}

const INVALID: PasswordVerification = Object.freeze({ isValid: false, needsRehash: false })

/** No longer: hashing costs as much for whoever sends megabytes. */
const MOST_BYTES = 1024

async function today(): Promise<PasswordScheme> {
  return (await argon2Scheme()) ?? scryptScheme
}

/** `undefined` where nothing was compared. */
async function verify(password: Buffer, hash: unknown): Promise<boolean | undefined> {
  if (typeof hash !== 'string' || hash.length > MOST_BYTES) return undefined
  return hash.startsWith('$scrypt$')
    ? verifyScrypt({ password, hash })
    : verifyArgon2({ password, hash })
}

/** Half a character would be sent as another one, the same for all of them. */
function toBytes(password: unknown): Buffer | undefined {
  if (typeof password !== 'string' || password === '' || !password.isWellFormed()) return undefined
  const isTooLong = password.length > MOST_BYTES || Buffer.byteLength(password) > MOST_BYTES
  return isTooLong ? undefined : Buffer.from(password.normalize('NFKC'))
}
