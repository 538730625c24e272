import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SessionManager } from 'holdfast/tokens'
import { MockUserManager, type User } from 'holdfast/users'

const manager = new MockUserManager()
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
const tokens = new SessionManager({ engine: manager.engine, users: manager.users, signing })
const metadata = { ip: '192.0.2.1' }
let user: User

beforeAll(async () => {
  user = await manager.create({ email: 'ada@example.org' })
})

afterAll(async () => {
  await tokens.close()
  await manager.close()
})

async function logIn() {
  const login = await tokens.createSession(user.id, randomUUID())
  if (!login.success) throw login.error
  return login
}

describe('a token manager over the users and the engine of a user manager', () => {
  it('shows its sessions to the user manager, and ends those of cookies too', async () => {
    const cookie = await manager.createSession(user.id, metadata)
    const { session, token } = await logIn()
    const listed = await manager.listSessions(user.id)

    expect(listed).toHaveLength(2)
    expect(listed.map(({ id }) => id)).toContain(session.id)
    expect(await tokens.revokeAllSessions(user.id)).toEqual({ success: true, revoked: 2 })
    expect(await manager.findBySessionId(cookie)).toBeUndefined()
    expect(await tokens.validateSession(token)).toHaveProperty('error.reason', 'ended-session')
  })

  it('ends logins under way as well, by the epoch of the user', async () => {
    const { sessionEpoch } = (await manager.findById(user.id))!
    await tokens.revokeAllSessions(user.id)
    const late = manager.createSession(user.id, { ...metadata, sessionEpoch })

    await expect(late).rejects.toHaveProperty('code', 'ERR_LOGIN_SUPERSEDED')
  })

  it('gives no users once it is closed', async () => {
    const closed = new MockUserManager()
    await closed.close()

    expect(() => closed.users).toThrow('closed')
  })
})
