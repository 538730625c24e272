import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { z } from 'zod'
import { keepNewest } from '../../../engine/keep-newest.js'
import { SessionError } from '../errors.js'
import type { SigningKeys } from './signing-keys.js'

/** What {@link AccessTokens} are made with. */
export interface AccessTokensOptions {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string

  /** The time that all processes share, epoch ms. */
  readonly now: () => number
}

/** What an access token says. Times are epoch seconds (RFC 7519, 2: NumericDate). */
export interface AccessClaims {
  /** The user's id. */
  readonly sub: string

  /** The session's public id. */
  readonly sid: string
  readonly org: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
}

const ALGORITHM = 'HS256'
const TYPE = 'at+jwt'

/** By how much the clocks of two processes may differ, s. */
const TOLERANCE = 5

/** A process remembers so many tokens, of which none is longer than a kilobyte or two. */
const MOST_KNOWN = 10_000

const text = z.string().min(1).max(512)
const time = z.int().nonnegative()
const claimsSchema = z.object({
  sub: text,
  sid: z.string().regex(/^[\w-]{43}$/),
  org: text,
  jti: text,
  iat: time,
  nbf: time,
  exp: time,
})
const requiredClaims = Object.keys(claimsSchema.shape)

/** What a token says, and from when on: {@link AccessTokens.sign} has that as `iat`, others may not. */
type Claims = z.infer<typeof claimsSchema>

/**
 * A signature is 32 bytes, whose last character has two bits to spare (RFC 4648, 3.5). No key speaks for
 * how it is written: what decodes to the same in another way, with blanks or padding, is none of ours.
 */
const FORMAT = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/

/**
 * Signs access tokens, and verifies them: JWTs as of RFC 9068 with one algorithm, whatever a token's
 * header says (RFC 8725, 3.1). What they hold is ids and times, nothing of a person.
 */
export class AccessTokens {
  readonly #options: AccessTokensOptions

  /** What was verified already: most tokens come with each request of their lives. */
  readonly #known = new Map<string, Claims>()

  constructor(options: AccessTokensOptions) {
    this.#options = options
  }

  /** The same claims give the same token, as long as the same key signs. */
  sign({ sub, sid, org, jti, iat, exp }: AccessClaims): Promise<string> {
    const { keys, issuer, audience } = this.#options
    const claims: JWTPayload = {
      iss: issuer,
      aud: audience,
      sub,
      sid,
      org,
      iat,
      nbf: iat,
      exp,
      jti,
    }
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keys.current.id })
      .sign(keys.current.access)
  }

  /**
   * What a token says, if it is one of ours and is not over.
   *
   * @throws {@link SessionError} of the type TOKEN_ERROR; nothing of the token is part of it.
   */
  async verify(token: string): Promise<AccessClaims> {
    const known = this.#recall(token)
    if (known) return known
    const { claims, isOver } = await this.#read(token)
    if (isOver) throw new SessionError('expired-token', 'The token has expired')
    keepNewest(this.#known, [token, claims], MOST_KNOWN)
    return claims
  }

  /** As {@link AccessTokens.verify}, of a token that may be over. */
  async verifyOver(token: string): Promise<AccessClaims> {
    return (await this.#read(token)).claims
  }

  /** Of what was verified only the time can have changed; a token that is over is verified anew. */
  #recall(token: string): Claims | undefined {
    const claims = this.#known.get(token)
    if (!claims) return undefined
    const seconds = Math.floor(this.#options.now() / 1_000)
    const begins = Math.max(claims.iat, claims.nbf)
    return begins <= seconds + TOLERANCE && claims.exp > seconds - TOLERANCE ? claims : undefined
  }

  async #read(token: string): Promise<{ claims: Claims; isOver: boolean }> {
    try {
      if (!FORMAT.test(token)) throw new Error('It is written in another way')
      const { payload, isOver } = await this.#verified(token)
      const claims = Object.freeze(claimsSchema.parse(payload))
      if (claims.iat > this.#options.now() / 1_000 + TOLERANCE) throw new Error('Not issued yet')
      return { claims, isOver }
    } catch {
      throw new SessionError('invalid-token', 'The token is none of ours, or was altered')
    }
  }

  async #verified(token: string): Promise<{ payload: JWTPayload; isOver: boolean }> {
    const { keys, issuer, audience, now } = this.#options
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => accessKey(keys, kid), {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience,
        requiredClaims,
        clockTolerance: TOLERANCE,
        currentDate: new Date(now()),
      })
      return { payload, isOver: false }
    } catch (error) {
      // Looked at after signature, header, issuer and audience.
      if (error instanceof errors.JWTExpired) return { payload: error.payload, isOver: true }
      throw error
    }
  }
}

/** By no more than the id: it never becomes a path or a query. */
function accessKey(keys: SigningKeys, kid: unknown) {
  const key = keys.find(kid)
  if (!key) throw new Error('No such key')
  return key.access
}
