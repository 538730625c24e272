import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  AUTH_CONSTANTS,
  generateSessionId,
  MockUserManager,
  ProductionUserManager,
  type User,
  type UserManagerInterface,
} from 'holdfast/users'

let manager: MockUserManager
let user: User

beforeEach(async () => {
  manager = new MockUserManager()
  user = await manager.create({ email: 'ada@example.org' })
})

afterEach(() => manager.close())

/** As document 001 logs in: the id is the program's own, where there is no production. */
async function logIn(users: UserManagerInterface, metadata = { ip: '0.0.0.0' }): Promise<string> {
  let sessionId = generateSessionId()
  await users.update(user.id, { sessionId, lastLoginAt: new Date() })
  if (users instanceof ProductionUserManager) {
    const maxAge = AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS
    sessionId = await users.createSession(user.id, metadata, maxAge)
  }
  return sessionId
}

/** As document 001 logs out. */
async function logOut(users: UserManagerInterface, sessionId: string): Promise<void> {
  const found = await users.findBySessionId(sessionId)
  if (!found) return
  await users.update(found.id, { sessionId: undefined })
  await users.deleteSession(sessionId)
}

describe('a mock', () => {
  it('has nobody to begin with', async () => {
    await manager.delete(user.id)

    expect([await manager.count(), await manager.getAll()]).toEqual([0, []])
  })

  it('lets in by an id that a program gave to a user', async () => {
    const sessionId = await logIn(manager)

    expect((await manager.findBySessionId(sessionId))?.id).toBe(user.id)
    expect(await manager.listSessions(user.id, sessionId)).toMatchObject([{ isCurrent: true }])
  })

  it('begins no second session for the same id', async () => {
    const sessionId = await logIn(manager)
    await manager.update(user.id, { sessionId })

    expect(await manager.listSessions(user.id)).toHaveLength(1)
  })

  it('lets nobody in by it after the logout', async () => {
    const sessionId = await logIn(manager)
    await logOut(manager, sessionId)

    expect(await manager.findBySessionId(sessionId)).toBeUndefined()
    expect((await manager.findById(user.id))?.sessionId).toBeUndefined()
  })

  it('shares nothing with another', async () => {
    const other = new MockUserManager()

    expect(await other.findByEmail('ada@example.org')).toBeUndefined()
    await other.close()
  })
})
