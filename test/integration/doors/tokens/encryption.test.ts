import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { SessionError } from 'holdfast/tokens'
import { Keyring } from '../../../../src/core/crypto/keyring.js'
import { seal } from '../../../../src/core/crypto/seal.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'
import { logIn, openTokenSite, reasonOf, type TokenSite } from './token-site.js'

const encryption = {
  keys: { first: randomBytes(32).toString('base64') },
  current: 'first',
}

let database: FreshDatabase
let site: TokenSite
let client: Client

beforeAll(async () => {
  database = await freshDatabase()
  site = await openTokenSite({ databaseUrl: database.url, encryption })
  client = new Client({ connectionString: database.url })
  await client.connect()
})

afterAll(async () => {
  await Promise.all([site.close(), client.end()])
  await database.drop()
})

beforeEach(() => client.query('delete from sessions'))

const dataOf = async (id: string): Promise<string> => {
  const { rows } = await client.query<{ data: string }>(
    'select data from sessions where "sessionId" = $1',
    [id],
  )
  return rows[0]!.data
}

const store = (id: string, data: string) =>
  client.query('update sessions set data = $2 where "sessionId" = $1', [id, data])

/** What each method says of a session that can not be decrypted. */
async function errorsOf(login: Awaited<ReturnType<typeof logIn>>): Promise<SessionError[]> {
  const { manager } = site
  const results = await Promise.all([
    manager.validateSession(login.token),
    manager.refreshSession(login.refreshToken),
    manager.getUserFromToken(login.token),
  ])
  const thrown = (await manager
    .hasPermission(login.token, 'read:users')
    .catch((error: unknown) => error)) as SessionError
  return [...results.flatMap((result) => (result.success ? [] : result.error)), thrown]
}

const notDecryptable = { type: 'ENCRYPTION_ERROR', reason: 'not-decryptable' }

describe('a session at rest', () => {
  it('shows neither its user nor its organization, nor a hash of its token', async () => {
    const login = await logIn(site)
    const { rows } = await client.query<Record<string, unknown>>('select * from sessions')
    const row = JSON.stringify(rows)

    expect(row).toContain('hf1.first.')
    expect(row).not.toContain(login.user.id)
    expect(row).not.toContain(login.user.orgId)
    expect(row).not.toContain('tokens')
    expect((await site.manager.getActiveSessions())[0]).toMatchObject({ userId: login.user.id })
    expect(await site.manager.getActiveSessions({ userId: login.user.id })).toHaveLength(1)
  })

  it('is an ENCRYPTION_ERROR to everybody with any one bit flipped, and lets nobody in', async () => {
    const login = await logIn(site)
    const sealed = await dataOf(login.session.id)
    const [, , body = ''] = sealed.split('.')
    const bytes = Buffer.from(body, 'base64url')
    const positions = [0, 11, 12, 27, 28, bytes.length - 1]
    for (const at of positions) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1
      await store(login.session.id, `hf1.first.${flipped.toString('base64url')}`)
      const errors = await errorsOf(login)

      expect(errors).toHaveLength(4)
      for (const error of errors) expect(error).toMatchObject(notDecryptable)
    }
    await store(login.session.id, sealed)
    expect(reasonOf(await site.manager.validateSession(login.token))).toBe('success')
  })

  it('is one where two rows were swapped', async () => {
    const [one, other] = [await logIn(site), await logIn(site)]
    const [ofOne, ofOther] = [await dataOf(one.session.id), await dataOf(other.session.id)]
    await Promise.all([store(one.session.id, ofOther), store(other.session.id, ofOne)])

    for (const login of [one, other]) {
      for (const error of await errorsOf(login)) expect(error).toMatchObject(notDecryptable)
    }
  })

  it('is one where somebody planted a text that is not sealed', async () => {
    const [login, other] = [await logIn(site), await logIn(site)]
    const planted = { userId: other.user.id, orgId: login.user.orgId }
    await store(login.session.id, JSON.stringify(planted))

    for (const error of await errorsOf(login)) expect(error).toMatchObject(notDecryptable)
  })

  it('that can not be decrypted can be ended, and does not hide the others', async () => {
    const [login, other] = [await logIn(site), await logIn(site)]
    await store(login.session.id, 'hf1.first.AAAA')
    const listed = await site.manager.getActiveSessions()

    expect(listed.map(({ id }) => id).sort()).toEqual([login.session.id, other.session.id].sort())
    expect(await site.manager.destroySession(login.token)).toEqual({ success: true })
    expect(reasonOf(await site.manager.validateSession(login.token))).toBe('ended-session')
  })
})

describe('a seal', () => {
  it('has an initialization vector of its own, over a hundred thousand of them', () => {
    const keyring = new Keyring(encryption)
    const id = toSessionId('x'.repeat(43))
    const vectors = new Set<string>()
    for (let count = 0; count < 100_000; count++) {
      const [, , body = ''] = seal('the same text', id, keyring).split('.')
      vectors.add(body.slice(0, 16))
    }

    expect(vectors.size).toBe(100_000)
  })
})
