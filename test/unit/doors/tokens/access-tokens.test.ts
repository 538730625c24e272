import { createHmac, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader, SignJWT, type JWTHeaderParameters } from 'jose'
import {
  AccessTokens,
  type AccessClaims,
} from '../../../../src/doors/tokens/access/access-tokens.js'
import { SigningKeys } from '../../../../src/doors/tokens/access/signing-keys.js'

const NOW = 1_800_000_000
const secret = randomBytes(32).toString('base64')
const ring = { keys: { one: secret, two: randomBytes(32).toString('base64') }, current: 'one' }
let now = NOW * 1_000
const [issuer, audience] = ['holdfast', 'holdfast:web']
const make = (keys = new SigningKeys(ring)) =>
  new AccessTokens({ keys, issuer, audience, now: () => now })

const claims: AccessClaims = {
  sub: 'ada',
  sid: 's'.repeat(43),
  org: 'analysts',
  jti: 'j',
  iat: NOW,
  exp: NOW + 900,
}
const payload = { ...claims, nbf: NOW, iss: issuer, aud: audience }
const header: JWTHeaderParameters = { alg: 'HS256', typ: 'at+jwt', kid: 'one' }
const invalid = { type: 'TOKEN_ERROR', reason: 'invalid-token' }

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of any header and claims, signed as a thief might. */
function forge(ofHeader: object, ofPayload: object, algorithm = 'sha256', key = secret): string {
  const text = `${encoded(ofHeader)}.${encoded(ofPayload)}`
  return `${text}.${createHmac(algorithm, key).update(text).digest('base64url')}`
}

beforeEach(() => {
  now = NOW * 1_000
})

describe('an access token', () => {
  it('says what it is, for whom and for how long, and nothing of a person', async () => {
    const token = await make().sign(claims)

    expect(decodeProtectedHeader(token)).toEqual(header)
    expect(decodeJwt(token)).toEqual(payload)
    expect(await make().verify(token)).toEqual(expect.objectContaining(claims))
  })

  it('is the same for the same claims, so that a retry gets it again', async () => {
    expect(await make().sign(claims)).toBe(await make().sign({ ...claims }))
  })

  it('is what any verifier of HS256 takes, with the secret as it is', async () => {
    const [head, body, signature] = (await make().sign(claims)).split('.')
    const own = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')

    expect(signature).toBe(own)
  })

  it('is over from its last second on, five of which clocks may differ', async () => {
    const token = await make().sign(claims)
    now = (NOW + 904) * 1_000
    await expect(make().verify(token)).resolves.toBeDefined()
    now = (NOW + 905) * 1_000

    await expect(make().verify(token)).rejects.toMatchObject({ reason: 'expired-token' })
    await expect(make().verifyOver(token)).resolves.toMatchObject(claims)
  })

  it('that was verified before is over at the same moment, and good for no other token', async () => {
    const tokens = make()
    const token = await tokens.sign(claims)
    await tokens.verify(token)
    now = (NOW + 904) * 1_000
    await expect(tokens.verify(token)).resolves.toMatchObject(claims)
    await expect(tokens.verify(`${token.slice(0, -2)}AA`)).rejects.toMatchObject(invalid)
    now = (NOW + 905) * 1_000
    await expect(tokens.verify(token)).rejects.toMatchObject({ reason: 'expired-token' })
    now = (NOW - 60) * 1_000

    await expect(tokens.verify(token)).rejects.toMatchObject(invalid)
  })

  it('is verified once, and then known', async () => {
    const tokens = make()
    const token = await tokens.sign(claims)

    expect(await tokens.verify(token)).toBe(await tokens.verify(token))
  })

  it('of an old key is good while that is in the ring, and not after', async () => {
    const old = await make().sign(claims)
    const rotated = make(new SigningKeys({ ...ring, current: 'two' }))
    const retired = make(new SigningKeys({ keys: { two: ring.keys.two }, current: 'two' }))

    expect(decodeProtectedHeader(await rotated.sign(claims)).kid).toBe('two')
    await expect(rotated.verify(old)).resolves.toMatchObject(claims)
    await expect(retired.verify(old)).rejects.toMatchObject(invalid)
  })
})

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const without = (name: string) =>
  Object.fromEntries(Object.entries(payload).filter(([each]) => each !== name))
const required = ['iss', 'aud', 'sub', 'sid', 'org', 'iat', 'nbf', 'exp', 'jti']

/** All of these are the same bytes, for whoever is lenient. */
const anotherWriting: readonly (readonly [string, (token: string) => string])[] = [
  ['padding', (token) => `${token}=`],
  ['a space behind it', (token) => `${token} `],
  ['a line break in its signature', (token) => `${token.slice(0, -3)}\n${token.slice(-3)}`],
  ['bits that are left over', (token) => token.slice(0, -1) + nextTo(token.slice(-1))],
]

/** The character of base64url that differs in the last bit. */
function nextTo(character: string): string {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return all[all.indexOf(character) ^ 1] ?? ''
}

const forged: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['alg none', () => `${encoded({ ...header, alg: 'none' })}.${encoded(payload)}.`],
  ['alg None', () => `${encoded({ ...header, alg: 'None' })}.${encoded(payload)}.`],
  ['alg none, signed', () => forge({ ...header, alg: 'none' }, payload)],
  ['HS512 of our secret', () => forge({ ...header, alg: 'HS512' }, payload, 'sha512')],
  ['HS384 of our secret', () => forge({ ...header, alg: 'HS384' }, payload, 'sha384')],
  [
    'RS256',
    () => new SignJWT(payload).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey),
  ],
  ['a public key for a secret', () => forge(header, payload, 'sha256', publicPem)],
  ['an empty secret', () => forge(header, payload, 'sha256', '')],
  ['no alg', () => forge({ typ: 'at+jwt', kid: 'one' }, payload)],
  ['no typ', () => forge({ alg: 'HS256', kid: 'one' }, payload)],
  ['typ JWT', () => forge({ ...header, typ: 'JWT' }, payload)],
  ['no kid', () => forge({ alg: 'HS256', typ: 'at+jwt' }, payload)],
  ['the kid of another key', () => forge({ ...header, kid: 'two' }, payload)],
  [
    'a kid with a path',
    () => forge({ ...header, kid: '../../../../dev/null' }, payload, 'sha256', ''),
  ],
  ['a kid with SQL', () => forge({ ...header, kid: "one' or '1'='1" }, payload)],
  ['a kid that all objects have', () => forge({ ...header, kid: 'constructor' }, payload)],
  ['a kid that is a list', () => forge({ ...header, kid: ['one'] }, payload)],
  [
    'a key of its own',
    () => forge({ ...header, jwk: { kty: 'oct', k: 'eA' } }, payload, 'sha256', 'x'),
  ],
  ['a header that we must understand', () => forge({ ...header, crit: ['x'], x: 1 }, payload)],
  ['an unencoded payload', () => forge({ ...header, b64: false, crit: ['b64'] }, payload)],
  ['another issuer', () => forge(header, { ...payload, iss: 'somebody' })],
  ['another audience', () => forge(header, { ...payload, aud: 'holdfast:admin' })],
  ['a future nbf', () => forge(header, { ...payload, nbf: NOW + 60 })],
  ['a future iat', () => forge(header, { ...payload, iat: NOW + 60 })],
  ['an exp of text', () => forge(header, { ...payload, exp: String(NOW + 900) })],
  ['a broken exp', () => forge(header, { ...payload, exp: NOW + 900.5 })],
  ['a session that is no id', () => forge(header, { ...payload, sid: '../x' })],
  ['a user that is a list', () => forge(header, { ...payload, sub: ['ada'] })],
  ...required.map((name) => [`no ${name}`, () => forge(header, without(name))] as const),
  [
    'a session that is no id, and over',
    () => forge(header, { ...payload, sid: 'x', exp: NOW - 60 }),
  ],
  ['no jti, and over', () => forge(header, { ...without('jti'), exp: NOW - 60 })],
  ['claims that are a list', () => forge(header, [payload])],
  ['another signature', async () => `${(await make().sign(claims)).slice(0, -2)}AA`],
  ...anotherWriting.map(
    ([what, write]) => [what, async () => write(await make().sign(claims))] as const,
  ),
  ['two parts', async () => (await make().sign(claims)).split('.').slice(0, 2).join('.')],
  ['four parts', async () => `${await make().sign(claims)}.x`],
  ['no JSON', () => 'a.b.c'],
  ['nothing', () => ''],
]

describe('a token with', () => {
  it('none of these faults is taken, made in the same way', async () => {
    await expect(make().verify(forge(header, payload))).resolves.toMatchObject(claims)
  })

  it.each(forged)('%s is refused, over or not, and told nothing of', async (_what, forgeOne) => {
    const token = await forgeOne()
    for (const method of ['verify', 'verifyOver'] as const) {
      const tokens = make()
      const error = (await tokens[method](token).catch((thrown: unknown) => thrown)) as Error
      expect(error).toMatchObject(invalid)
      expect(error.cause).toBeUndefined()
    }
  })

  it('claims that were changed is refused', async () => {
    const [head, , signature] = (await make().sign(claims)).split('.')
    const changed = `${head}.${encoded({ ...payload, sub: 'eve' })}.${signature}`

    await expect(make().verify(changed)).rejects.toMatchObject(invalid)
  })

  it('a lifetime that is over is refused also by what lets out whoever wants out, if it is forged', async () => {
    const other = createSecretKey(randomBytes(32))
    const over = { ...payload, exp: NOW - 60 }
    const token = await new SignJWT(over).setProtectedHeader(header).sign(other)

    await expect(make().verifyOver(token)).rejects.toMatchObject(invalid)
  })
})
