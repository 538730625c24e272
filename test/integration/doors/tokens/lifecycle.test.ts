import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionManager, type DirectoryUser } from 'holdfast/tokens'

const userId = randomUUID()
const orgId = randomUUID()
let engine: SessionEngine
let manager: SessionManager
let user: DirectoryUser | null

beforeEach(() => {
  user = { role: 'USER' }
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  manager = new SessionManager({
    engine,
    signing: { keys: { now: randomBytes(32).toString('base64') }, current: 'now' },
    users: { findById: async () => user },
    roles: { USER: ['read:users'], ADMIN: ['read:users', 'delete:users'] },
  })
})

afterEach(async () => {
  await manager.close()
  await engine.close()
})

async function logIn() {
  const login = await manager.createSession(userId, orgId, 'phone', '192.0.2.1')
  if (!login.success) throw login.error
  return login
}

async function reasonOf(outcome: ReturnType<SessionManager['validateSession']>): Promise<unknown> {
  const result = await outcome
  return result.success ? result : result.error.reason
}

describe('a session of tokens', () => {
  it('is listed, counted and ended like that of any other door', async () => {
    const { session } = await logIn()
    const [listed] = await engine.list({ userId })

    expect(listed).toMatchObject({ id: session.id, userId, ip: '192.0.2.1' })
    expect((await manager.getSessionStats()).activeSessions).toBe(1)
    expect(await manager.getActiveSessions()).toEqual([
      expect.objectContaining({ id: session.id, userId, orgId, deviceId: 'phone' }),
    ])
    expect(await engine.revoke(session.id)).toBe(true)
    expect(await manager.getActiveSessions()).toEqual([])
  })

  it('is over for both tokens once either has ended it, and may be ended again', async () => {
    const { token, refreshToken } = await logIn()

    expect(await manager.destroySession(refreshToken)).toEqual({ success: true })
    expect(await reasonOf(manager.validateSession(token))).toBe('ended-session')
    expect(await reasonOf(manager.refreshSession(refreshToken))).toBe('ended-session')
    expect(await manager.destroySession(token)).toEqual({ success: true })
  })
})

describe('a user', () => {
  it('may do what the role allows at that moment, and nothing that no role names', async () => {
    const { token } = await logIn()

    expect(await manager.hasPermission(token, 'read:users')).toBe(true)
    expect(await manager.hasPermission(token, 'delete:users')).toBe(false)
    user = { role: 'ADMIN' }
    expect(await manager.hasPermission(token, 'delete:users')).toBe(true)
    user = { role: 'toString' }
    expect(await manager.hasPermission(token, 'read:users')).toBe(false)
    user = {}
    expect(await manager.hasPermission(token, 'read:users')).toBe(false)
  })

  it('who is disabled has no token any more, at the next call', async () => {
    const { token, refreshToken } = await logIn()
    user = { role: 'USER', disabledAt: new Date(Date.now() - 1) }

    expect(await reasonOf(manager.validateSession(token))).toBe('disabled-user')
    expect(await reasonOf(manager.refreshSession(refreshToken))).toBe('disabled-user')
    expect(await manager.hasPermission(token, 'read:users')).toBe(false)
    expect((await manager.createSession(userId, orgId)).success).toBe(false)
  })

  it('who is no more has none either', async () => {
    const { token } = await logIn()
    user = null

    expect(await reasonOf(manager.validateSession(token))).toBe('unknown-user')
  })

  it('who has gone to another organization has none for the first', async () => {
    const { token } = await logIn()
    user = { role: 'USER', orgId: randomUUID() }

    expect(await reasonOf(manager.validateSession(token))).toBe('other-organization')
  })
})

describe('a manager that is configured anew, over the same engine', () => {
  it('hears of a theft once, and of none any more once it is closed', async () => {
    const heard: unknown[] = []
    manager.on('token.theft', (theft) => heard.push(theft))
    const theft = { id: 'public', userId, generation: 1, newest: 3 }
    const options = {
      engine,
      signing: { keys: { k: randomBytes(32).toString('hex') }, current: 'k' },
    }
    await logIn()
    manager.configure(options)
    await logIn()
    engine.emit('token.theft', theft)
    expect(heard).toEqual([theft])
    await manager.close()
    engine.emit('token.theft', theft)

    expect(heard).toEqual([theft])
    expect(await reasonOf(manager.validateSession('x'))).toBe('closed')
    expect((await engine.list()).length).toBe(2)
  })
})
