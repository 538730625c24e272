import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { Claim, PasswordScheme } from './password-scheme.js'

/** What it costs to hash: 2^`ln` blocks of `r` times 128 bytes, `p` times over. */
interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** OWASP Password Storage Cheat Sheet, 2025. */
const TODAY: Cost = { ln: 17, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Twice as much as today's, for hashes of elsewhere: a row in the table can not take the memory of the server. */
const MOST_MEMORY = 256 * 1024 * 1024
const MOST_LANES = 4

const PREFIX = `$scrypt$ln=${TODAY.ln},r=${TODAY.r},p=${TODAY.p}$`

/** scrypt of node:crypto, as PHC strings: `$scrypt$ln=17,r=8,p=1$salt$hash`. */
export const scryptScheme: PasswordScheme = {
  prefix: PREFIX,
  async hash(password) {
    const salt = randomBytes(SALT_BYTES)
    const derived = await derive({ password, salt, length: HASH_BYTES, cost: TODAY })
    return `${PREFIX}${toText(salt)}$${toText(derived)}`
  },
}

/** Whether it is the password, or `undefined` where the hash is none of scrypt that may be computed. */
export async function verifyScrypt({ password, hash }: Claim): Promise<boolean | undefined> {
  const parsed = parse(hash)
  if (parsed === undefined) return undefined
  const { cost, salt, expected } = parsed
  const length = expected.length
  // Node knows combinations that can not be: N has to be below 2^(16 r).
  const derived = await derive({ password, salt, length, cost }).catch(() => undefined)
  return derived && timingSafeEqual(derived, expected)
}

interface Derivation {
  readonly password: Buffer
  readonly salt: Buffer
  readonly length: number
  readonly cost: Cost
}

function derive({ password, salt, length, cost: { ln, r, p } }: Derivation): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 2 * MOST_MEMORY }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, derived) =>
      error ? reject(error) : resolve(derived),
    )
  })
}

function parse(hash: string): { cost: Cost; salt: Buffer; expected: Buffer } | undefined {
  const groups = PATTERN.exec(hash)?.groups
  if (groups === undefined) return undefined
  const cost = { ln: Number(groups['ln']), r: Number(groups['r']), p: Number(groups['p']) }
  const memory = 128 * cost.r * 2 ** cost.ln
  const isComputed = memory <= MOST_MEMORY && cost.p <= MOST_LANES
  const [salt, expected] = [fromText(groups['salt']), fromText(groups['hash'])]
  return isComputed ? { cost, salt, expected } : undefined
}

/** Salts of 8 to 48 bytes, hashes of 16 to 64; no number begins with a zero. */
const PATTERN =
  /^\$scrypt\$ln=(?<ln>[1-9]\d?),r=(?<r>[1-9]\d{0,3}),p=(?<p>[1-9]\d{0,2})\$(?<salt>[A-Za-z0-9+/]{11,64})\$(?<hash>[A-Za-z0-9+/]{22,86})$/

/** PHC strings have base64 without padding. */
function toText(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

function fromText(text = ''): Buffer {
  return Buffer.from(text, 'base64')
}
