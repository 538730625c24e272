import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  AccessTokens,
  type AccessClaims,
} from '../../../../src/doors/tokens/access/access-tokens.js'
import { SigningKeys } from '../../../../src/doors/tokens/access/signing-keys.js'
import { signing } from '../../../integration/doors/tokens/token-site.js'

const NOW = 1_800_000_000
const [issuer, audience] = ['holdfast', 'holdfast:web']
let now: number

const make = (ofAudience = audience) =>
  new AccessTokens({
    keys: new SigningKeys(signing),
    issuer,
    audience: ofAudience,
    now: () => now * 1_000,
  })

const claims: AccessClaims = {
  ...{ sub: 'ada', org: 'analysts', sid: 's'.repeat(43), jti: 'j' },
  ...{ iat: NOW, exp: NOW + 900 },
}
const payload = { ...claims, nbf: NOW, iss: issuer, aud: audience }
const header = { alg: 'HS256', typ: 'at+jwt', kid: 'now' }
const invalid = { name: 'SessionError', type: 'TOKEN_ERROR', reason: 'invalid-token' }

const encoded = (text: string) => Buffer.from(text).toString('base64url')

/** Signs whatever stands there, as it stands. */
function signed(head: string, body: string): string {
  const text = `${head}.${body}`
  return `${text}.${createHmac('sha256', signing.keys.now).update(text).digest('base64url')}`
}

const forge = (changes: object, body = { ...payload, ...changes }) =>
  signed(encoded(JSON.stringify(header)), encoded(JSON.stringify(body)))

beforeEach(() => {
  now = NOW
})

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes: of the last character two bits count for nothing. */
function otherLast(token: string): string {
  const at = BASE64URL.indexOf(token.at(-1)!)
  return `${token.slice(0, -1)}${BASE64URL[at ^ 1]!}`
}

describe('a good token, written in another way,', () => {
  it.each<readonly [string, (token: string) => string]>([
    ['with padding', (token) => `${token}=`],
    ['with other spare bits', otherLast],
    ['with a line end', (token) => `${token}\n`],
    ['with a blank in its signature', (token) => `${token.slice(0, -9)} ${token.slice(-9)}`],
    ['with eight thousand tabs', (token) => `${token}${'\t'.repeat(7_000)}`],
    ['with blanks around it', (token) => ` ${token} `],
    ['with a blank after the header', (token) => token.replace('.', ' .')],
    ['with a padded header', (token) => token.replace('.', '=.')],
  ])('%s is none, and is not remembered', async (_what, write) => {
    const tokens = make()
    const good = await tokens.sign(claims)
    await expect(tokens.verify(good)).resolves.toMatchObject(claims)

    expect(write(good)).not.toBe(good)
    await expect(tokens.verify(write(good))).rejects.toMatchObject(invalid)
    await expect(tokens.verifyOver(write(good))).rejects.toMatchObject(invalid)
  })

  it.each([
    ['a padded header', (head: string, body: string) => signed(`${head}=`, body)],
    ['blanks in its claims', (head: string, body: string) => signed(head, `${body} `)],
    ['the other alphabet', (head: string, body: string) => signed(head, `${body}+/`)],
  ])('with %s is none, be it signed so', async (_what, sign) => {
    const [head = '', body = ''] = forge({}).split('.')

    await expect(make().verify(sign(head, body))).rejects.toMatchObject(invalid)
  })
})

const over = { exp: NOW - 60 }
const odd: readonly (readonly [string, object])[] = [
  ['no text as a user', { sub: ['ada'] }],
  ['an object as an organization', { org: { id: 'analysts' } }],
  ['a session that is a path', { sid: '../../x' }],
  ['an empty jti', { jti: '' }],
  ['a user of 513 characters', { sub: 'a'.repeat(513) }],
  ['an iat of text', { iat: String(NOW) }],
  ['an nbf of text', { nbf: String(NOW) }],
  ['an nbf that is half a second', { nbf: NOW - 0.5 }],
  ['an iat before all time', { iat: -1 }],
  ['an iat of the future', { iat: NOW + 60 }],
  ['audiences without ours', { aud: ['holdfast:admin'] }],
  ['no audience at all', { aud: [] }],
  ['an issuer in a list', { iss: [issuer] }],
]

describe('a token that we have signed with', () => {
  it.each(odd)('%s is none, over or not, whoever looks', async (_what, changes) => {
    for (const time of [{}, over]) {
      const token = forge({ ...changes, ...time })
      await expect(make().verify(token)).rejects.toMatchObject(invalid)
      await expect(make().verifyOver(token)).rejects.toMatchObject(invalid)
    }
  })

  it.each(['1e400', '1e300', '-1', '0.5', '"1900000000"', 'null', '[1900000000]', '{}', 'true'])(
    'the time %s as its end is none',
    async (exp) => {
      const body = JSON.stringify({ ...payload, exp: 0 }).replace('"exp":0', `"exp":${exp}`)
      const token = signed(encoded(JSON.stringify(header)), encoded(body))

      await expect(make().verify(token)).rejects.toMatchObject(invalid)
      await expect(make().verifyOver(token)).rejects.toMatchObject(invalid)
    },
  )

  it('an end twice is good until the one that is told', async () => {
    const body = JSON.stringify(payload).replace('"exp":', `"exp":${NOW - 60},"exp":`)
    const token = signed(encoded(JSON.stringify(header)), encoded(body))

    await expect(make().verify(token)).resolves.toMatchObject({ exp: NOW + 900 })
  })

  it('claims that are no more good than over is told as over', async () => {
    await expect(make().verify(forge(over))).rejects.toMatchObject({ reason: 'expired-token' })
    await expect(make().verifyOver(forge(over))).resolves.toMatchObject({ sub: 'ada' })
  })
})

describe('a token that was verified', () => {
  it('is none before it was good, where the clock goes back', async () => {
    const tokens = make()
    const token = forge({ nbf: NOW + 60 })
    now = NOW + 60
    await expect(tokens.verify(token)).resolves.toBeDefined()
    now = NOW + 54

    await expect(tokens.verify(token)).rejects.toMatchObject(invalid)
    now = NOW + 55
    await expect(tokens.verify(token)).resolves.toBeDefined()
  })

  it('is forgotten after ten thousand others, and verified as well then', async () => {
    const tokens = make()
    const token = await tokens.sign(claims)
    const first = await tokens.verify(token)
    const others = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, async (_each, at) =>
          tokens.verify(await tokens.sign({ ...claims, jti: `j${from + at}` })),
        ),
      )
    await others(0, 9_999)
    expect(await tokens.verify(token)).toBe(first)
    await others(9_999, 10_000)

    expect(await tokens.verify(token)).not.toBe(first)
    expect(await tokens.verify(token)).toEqual(first)
  })

  it('is good for no other audience of the same process', async () => {
    const [web, admin] = [make(), make('holdfast:admin')]
    const token = await web.sign(claims)
    await web.verify(token)

    await expect(admin.verify(token)).rejects.toMatchObject(invalid)
    await expect(web.verify(await admin.sign(claims))).rejects.toMatchObject(invalid)
  })
})
