import { createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { MemoryLedger, openSessions, type SessionEngine } from 'holdfast'
import { ChaosLedger } from 'holdfast/testing'
import { SessionManager, type Issued } from 'holdfast/tokens'
import { logIn, signing } from './token-site.js'

let ledger: ChaosLedger
let engine: SessionEngine
let manager: SessionManager
let issued: Issued
let lookups = 0

beforeAll(async () => {
  ledger = new ChaosLedger(new MemoryLedger())
  engine = openSessions({ ledger, sweepEvery: false })
  const findById = async () => {
    lookups += 1
    return {}
  }
  manager = new SessionManager({ engine, signing, users: { findById }, rateLimits: false })
  issued = await logIn({ manager })
})

afterAll(() => engine.close())

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

/** A token for the very session that is live, made by whoever knows all of it but the secret, or even that. */
function forge(header: object, claims: object, [algorithm, key] = ['sha256', signing.keys.now]) {
  const text = `${part(header)}.${part({ ...claimsOf(issued.token), ...claims })}`
  return `${text}.${createHmac(algorithm, key).update(text).digest('base64url')}`
}

const header = { alg: 'HS256', typ: 'at+jwt', kid: 'now' }
const inAnHour = Math.floor(Date.now() / 1_000) + 3_600

const ofOthers: readonly (readonly [string, () => string])[] = [
  ['alg none', () => `${part({ ...header, alg: 'none' })}.${issued.token.split('.')[1]!}.`],
  ['HS512', () => forge({ ...header, alg: 'HS512' }, {}, ['sha512', signing.keys.now])],
  [
    'RS256, of a public key as secret',
    () => forge({ ...header, alg: 'RS256' }, {}, ['sha256', 'PEM']),
  ],
  ['no exp', () => forge(header, { exp: undefined })],
  ['typ JWT', () => forge({ ...header, typ: 'JWT' }, {})],
  ['another issuer', () => forge(header, { iss: 'somebody' })],
  ['another audience', () => forge(header, { aud: 'holdfast:admin' })],
  ['a kid with a path', () => forge({ ...header, kid: '../../secrets/key' }, {})],
  ['a future nbf', () => forge(header, { nbf: inAnHour })],
]

const ofRefresh: readonly (readonly [string, () => string])[] = [
  ['an access token', () => issued.token],
  ['a random guess with a real session', () => guess()],
  ['another secret of the same session', () => changed(40)],
  ['another generation of the same token', () => changed(35)],
]

/** The session is known to whoever has seen a list or an access token; nothing else is. */
function guess(): string {
  const id = Buffer.from(issued.session.id, 'base64url')
  return `hfr_${Buffer.concat([id, Buffer.alloc(4), randomBytes(48)]).toString('base64url')}`
}

function changed(at: number): string {
  const bytes = Buffer.from(issued.refreshToken.slice(4), 'base64url')
  bytes[at]! ^= 1
  return `hfr_${bytes.toString('base64url')}`
}

/** How often anybody was asked. Touches go by themselves. */
const asked = () => [ledger.chaos.calls(['read', 'commit', 'revoke', 'list']), lookups]

/** Expects a refusal that asked nobody, and that changed nothing. */
async function expectRefused(act: () => ReturnType<SessionManager['validateSession']>) {
  const before = asked()
  const result = await act()

  expect(result).toMatchObject({ success: false, error: { type: 'TOKEN_ERROR' } })
  expect(asked()).toEqual(before)
  expect((await manager.validateSession(issued.token)).success).toBe(true)
}

describe('an access token with', () => {
  it('none of these faults, made in the same way, is taken', async () => {
    expect((await manager.validateSession(forge(header, {}))).success).toBe(true)
  })

  it('the form of a refresh token is refused, and nobody is asked', async () => {
    await expectRefused(() => manager.validateSession(issued.refreshToken))
  })

  it.each(ofOthers)('%s is refused, and nobody is asked', async (_what, token) => {
    await expectRefused(() => manager.validateSession(token()))
  })

  it.each(ofOthers)('%s ends no session', async (_what, token) => {
    await expectRefused(() => manager.destroySession(token()) as never)
  })
})

describe('as a refresh token', () => {
  it.each(ofRefresh)(
    '%s is refused, nobody is asked and nobody logged out',
    async (_what, token) => {
      await expectRefused(() => manager.refreshSession(token()))
    },
  )
})
