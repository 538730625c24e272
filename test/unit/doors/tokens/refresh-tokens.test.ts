import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  SigningKeys,
  type SigningOptions,
} from '../../../../src/doors/tokens/access/signing-keys.js'
import {
  firstToken,
  hashOf,
  RefreshTokens,
  successorOf,
  tokenIdOf,
} from '../../../../src/doors/tokens/refresh/refresh-tokens.js'
import { toSessionId } from '../../../../src/core/session-id.js'

const secret = () => randomBytes(32).toString('base64')
const [before, after] = [secret(), secret()]
const scope = { issuer: 'holdfast', audience: 'holdfast:web' }
const make = (ring: SigningOptions) => new RefreshTokens({ keys: new SigningKeys(ring), ...scope })
const tokens = make({ keys: { before }, current: 'before' })
const rotated = make({ keys: { before, after }, current: 'after' })
const retired = make({ keys: { after }, current: 'after' })
const id = toSessionId(createHash('sha256').update('a session').digest('base64url'))

const refused = expect.objectContaining({ type: 'TOKEN_ERROR', reason: 'invalid-token' })

describe('a refresh token as text', () => {
  it('is opaque, of one length, and read as it was written', () => {
    const token = { ...firstToken(id), generation: 4_294_967_295 }
    const text = tokens.format(token)

    expect(text).toMatch(/^hfr_[\w-]{112}$/)
    expect(tokens.parse(text)).toEqual(token)
  })

  it('is good while its key is in the ring, and is written with the current one', () => {
    const token = firstToken(id)
    const old = tokens.format(token)

    expect(rotated.parse(old)).toEqual(token)
    expect(retired.parse(rotated.format(token))).toEqual(token)
    expect(() => retired.parse(old)).toThrow(refused)
  })

  it.each([
    ['issuer', { ...scope, issuer: 'somebody' }],
    ['audience', { ...scope, audience: 'holdfast:admin' }],
    ['issuer and audience, of the same letters', { issuer: 'holdfast:', audience: 'holdfastweb' }],
  ])('is none of another %s', (_, other) => {
    const keys = new SigningKeys({ keys: { before }, current: 'before' })
    const foreign = new RefreshTokens({ keys, ...other }).format(firstToken(id))

    expect(() => tokens.parse(foreign)).toThrow(refused)
  })

  it('is refused where a single bit of it is another', () => {
    const bytes = Buffer.from(tokens.format(firstToken(id)).slice(4), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes)
      forged[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => tokens.parse(`hfr_${forged.toString('base64url')}`)).toThrow(refused)
    }
  })

  it('is refused whatever else it is', () => {
    const good = tokens.format(firstToken(id))
    const text = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.uint8Array({ minLength: 84, maxLength: 84 }).map((bytes) => {
        return `hfr_${Buffer.from(bytes).toString('base64url')}`
      }),
      fc.constantFrom('', 'hfr_', good.slice(0, -1), `${good}A`, `${good}\n`, good.toUpperCase()),
    )
    fc.assert(fc.property(text, (each) => expect(() => tokens.parse(each)).toThrow(refused)))
  })

  it('tells nothing of itself in the error', () => {
    const text = `${tokens.format(firstToken(id)).slice(0, -1)}~`
    try {
      tokens.parse(text)
    } catch (error) {
      const { message, cause } = error as Error
      expect(message).not.toContain(text.slice(4, 20))
      expect(cause).toBeUndefined()
    }
    expect.assertions(2)
  })
})

describe('the token that follows', () => {
  it('is the same wherever it is computed, and another for each generation and session', () => {
    const token = firstToken(id)
    const other = { ...token, id: toSessionId('x'.repeat(43)) }
    const secrets = [
      token,
      successorOf(token),
      successorOf(successorOf(token)),
      successorOf(other),
      successorOf({ ...token, generation: 1 }),
    ].map((each) => each.secret.toString('hex'))

    expect(successorOf(token)).toEqual(successorOf({ ...token }))
    expect(successorOf(token).generation).toBe(1)
    expect(new Set(secrets).size).toBe(secrets.length)
  })

  it('can not be found from what is stored, nor the id of its access token from either', () => {
    const token = firstToken(id)
    const stored = hashOf(token)

    expect(stored).toBe(createHash('sha256').update(token.secret).digest('base64url'))
    expect([stored, token.secret.toString('base64url')]).not.toContain(tokenIdOf(token))
    expect(tokenIdOf(token)).toMatch(/^[\w-]{22}$/)
    expect(tokenIdOf(successorOf(token))).not.toBe(tokenIdOf(token))
  })

  it('begins with a secret of chance', () => {
    const secrets = Array.from({ length: 100 }, () => firstToken(id).secret.toString('hex'))

    expect(new Set(secrets).size).toBe(100)
    expect(secrets.every((each) => each.length === 64)).toBe(true)
  })
})
