import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { toSessionId, type SessionId } from '../../../core/session-id.js'
import type { SigningKeys } from '../access/signing-keys.js'
import { SessionError } from '../errors.js'

/** One refresh token of a session's family. */
export interface RefreshToken {
  /** The session's public id. */
  readonly id: SessionId

  /** How many there were before it. */
  readonly generation: number

  /** 32 random bytes, or what they led to. */
  readonly secret: Buffer
}

/** What {@link RefreshTokens} are made with. */
export interface RefreshTokensOptions {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
}

/** By which whoever looks for leaked secrets tells what this is. */
const PREFIX = 'hfr_'
const ID_BYTES = 32
const GENERATION_BYTES = 4
const SECRET_BYTES = 32
const TAG_BYTES = 16
const SECRET_AT = ID_BYTES + GENERATION_BYTES
const TAG_AT = SECRET_AT + SECRET_BYTES

/** 84 bytes as base64url: there is one way to write them. */
const FORMAT = /^hfr_[\w-]{112}$/
const HIGHEST_GENERATION = 2 ** 32 - 1

/**
 * Refresh tokens as text: `hfr_`, then the session, the generation, the secret, and a tag by which we
 * know our own without asking anybody. So what was guessed is told from what was stolen.
 */
export class RefreshTokens {
  readonly #keys: SigningKeys

  /** No manager of another issuer or audience takes them for its own. */
  readonly #scope: string

  constructor({ keys, issuer, audience }: RefreshTokensOptions) {
    this.#keys = keys
    this.#scope = JSON.stringify([issuer, audience])
  }

  /** The same token gives the same text, as long as the same key is the current one. */
  format({ id, generation, secret }: RefreshToken): string {
    const body = Buffer.alloc(TAG_AT)
    body.write(id, 0, ID_BYTES, 'base64url')
    body.writeUInt32BE(generation, ID_BYTES)
    secret.copy(body, SECRET_AT)
    const whole = Buffer.concat([body, this.#tagOf(body, this.#keys.current.refresh)])
    return PREFIX + whole.toString('base64url')
  }

  /**
   * @throws {@link SessionError} of the type TOKEN_ERROR where it is none of ours; nothing of it is part
   * of that.
   */
  parse(text: string): RefreshToken {
    const bytes = FORMAT.test(text)
      ? Buffer.from(text.slice(PREFIX.length), 'base64url')
      : undefined
    if (!bytes || !this.#isOurs(bytes)) {
      throw new SessionError('invalid-token', 'The refresh token is none of ours, or was altered')
    }
    return {
      id: toSessionId(bytes.toString('base64url', 0, ID_BYTES)),
      generation: bytes.readUInt32BE(ID_BYTES),
      secret: bytes.subarray(SECRET_AT, TAG_AT),
    }
  }

  /** Whether a text is meant to be a refresh token. */
  looksLikeOne(text: string): boolean {
    return text.startsWith(PREFIX)
  }

  #isOurs(bytes: Buffer): boolean {
    const [body, tag] = [bytes.subarray(0, TAG_AT), bytes.subarray(TAG_AT)]
    const keys = this.#keys.all()
    return keys.some(({ refresh }) => timingSafeEqual(this.#tagOf(body, refresh), tag))
  }

  /** The body has one length: what follows it is never taken for a part of it. */
  #tagOf(body: Buffer, key: Buffer): Buffer {
    const whole = createHmac('sha256', key).update(body).update(this.#scope).digest()
    return whole.subarray(0, TAG_BYTES)
  }
}

/** The first token of a session's family. */
export function firstToken(id: SessionId): RefreshToken {
  return { id, generation: 0, secret: randomBytes(SECRET_BYTES) }
}

/** The one token that may follow: whoever computes it, wherever, comes to the same. */
export function successorOf({ id, generation, secret }: RefreshToken): RefreshToken {
  const next = Math.min(generation + 1, HIGHEST_GENERATION)
  const label = `holdfast refresh successor v1|${id}|${next}`
  return { id, generation: next, secret: createHmac('sha256', secret).update(label).digest() }
}

/** What is kept of a token: its secret can not be found from it. */
export function hashOf({ secret }: RefreshToken): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** An id for the access token that is given together with this one: the same at each retry. */
export function tokenIdOf({ secret }: RefreshToken): string {
  const label = 'holdfast access token id v1'
  return createHmac('sha256', secret).update(label).digest().subarray(0, 16).toString('base64url')
}
