import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { EngineStore } from 'holdfast/express'
import { SessionManager, type Issued } from 'holdfast/tokens'
import { InMemoryUsers, ProductionUserManager, type User } from 'holdfast/users'
import { SignJWT } from 'jose'

const secret = randomBytes(32).toString('base64')
const signing = { keys: { now: secret }, current: 'now' }
const roles = { USER: ['read:profile'] } as const
const orgId = randomUUID()

let engine: SessionEngine
let store: EngineStore
let users: InMemoryUsers
let userManager: ProductionUserManager
let manager: SessionManager
let user: User
let login: Issued
let cookieId: string

beforeEach(async () => {
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  store = new EngineStore(engine)
  users = new InMemoryUsers()
  userManager = new ProductionUserManager({ engine, users })
  manager = new SessionManager({ engine, users, roles, signing })
  user = await userManager.create({ email: 'ada@example.org' })
  login = await logIn()
  cookieId = await userManager.createSession(user.id, { ip: '192.0.2.1' })
})

afterEach(async () => {
  await manager.close()
  await engine.close()
})

async function logIn(): Promise<Issued> {
  const created = await manager.createSession(user.id, orgId)
  if (!created.success) throw created.error
  return created
}

/** Whether the token is good, and whether the cookie is. */
async function whatIsGood(): Promise<readonly boolean[]> {
  const { success } = await manager.validateSession(login.token)
  return [success, (await userManager.findBySessionId(cookieId)) !== undefined]
}

describe('a session of tokens, over an engine with other doors', () => {
  it('is listed by all of them beside those of cookies', async () => {
    const { id } = login.session
    const listed = [
      await store.sessionsOf(user.id),
      await userManager.listSessions(user.id),
      await manager.getActiveSessions({ userId: user.id }),
    ]

    expect(listed.map((sessions) => sessions.length)).toEqual([2, 2, 2])
    expect(listed.map((sessions) => sessions.filter((each) => each.id === id).length)).toEqual([
      1, 1, 1,
    ])
  })

  it('is opened by no cookie, and its tokens open none of another door', async () => {
    const session = { cookie: { originalMaxAge: null }, userId: user.id, orgId }
    await store.set('what a cookie holds', session)
    const sid = engine.idOf('what a cookie holds')
    const iat = Math.floor(Date.now() / 1_000)
    const claims = { iss: 'holdfast', aud: 'holdfast:web', org: orgId, jti: 'x', iat, nbf: iat }
    const forged = await new SignJWT({ ...claims, sub: user.id, sid, exp: iat + 60 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'now' })
      .sign(createSecretKey(Buffer.from(secret)))

    expect(await store.get('what a cookie holds')).toMatchObject({ orgId })
    expect(await store.get(login.session.id)).toBeNull()
    expect(await userManager.findBySessionId(login.session.id)).toBeUndefined()
    expect(await manager.validateSession(forged)).toMatchObject({
      error: { reason: 'ended-session' },
    })
  })

  it('is ended alone by its public id', async () => {
    expect(await userManager.revokeSession(user.id, login.session.id)).toBe(true)
    expect(await whatIsGood()).toEqual([false, true])
  })

  it.each([
    { door: 'tokens', end: () => manager.revokeAllSessions(user.id) },
    { door: 'users', end: () => userManager.revokeAllSessions(user.id) },
    { door: 'the store', end: () => store.destroyUser(user.id) },
  ])('is ended with all others by $door', async ({ end }) => {
    expect(await whatIsGood()).toEqual([true, true])
    await end()

    expect(await whatIsGood()).toEqual([false, false])
  })

  it('stays where all others are ended', async () => {
    await manager.revokeAllSessions(user.id, { except: login.session.id })

    expect(await whatIsGood()).toEqual([true, false])
  })

  it('counts where a user may have so many', async () => {
    const strict = new ProductionUserManager({ engine, users, maxSessionsPerUser: 2 })
    await strict.createSession(user.id, { ip: '192.0.2.2' })

    expect(await whatIsGood()).toEqual([false, true])
  })

  it('is over once its user is disabled, or deleted, at the door of users', async () => {
    await userManager.update(user.id, { disabledAt: new Date() })
    expect(await whatIsGood()).toEqual([false, false])
    expect(await manager.createSession(user.id, orgId)).toMatchObject({
      error: { reason: 'disabled-user' },
    })
    await userManager.delete(user.id)

    expect(await manager.createSession(user.id, orgId)).toMatchObject({
      error: { reason: 'unknown-user' },
    })
  })

  it('has what the role of its user allows', async () => {
    expect(await manager.hasPermission(login.token, 'read:profile')).toBe(true)
    await userManager.update(user.id, { role: 'ADMIN' })
    expect(await manager.hasPermission(login.token, 'read:profile')).toBe(false)
  })
})

it.each([
  { what: 'ids that are what cookies hold', options: { hashSessionIds: false } },
  { what: 'users by another name', options: { userId: () => 'everybody' } },
])('an engine with $what is refused', async ({ options }) => {
  const other = openSessions({ ledger: 'memory', sweepEvery: false, ...options })
  const refused = new SessionManager({ engine: other, signing })

  await expect(refused.ready()).rejects.toMatchObject({ reason: 'misconfigured' })
  await refused.close()
  await other.close()
})
