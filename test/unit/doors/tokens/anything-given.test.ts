import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionError, SessionManager } from 'holdfast/tokens'
import { logIn, signing } from '../../../integration/doors/tokens/token-site.js'

let engine: SessionEngine
let manager: SessionManager
let token: string

beforeAll(() => {
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
})

beforeEach(async () => {
  manager = new SessionManager({ engine, signing, rateLimits: false })
  token = (await logIn({ manager })).token
})

afterAll(() => engine.close())

/** What throws this when it is looked at. */
function throwing(error: Error): object {
  const refuse = (): never => {
    throw error
  }
  return new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse })
}

const refusing = throwing(new Error('hunter2'))
const refusingOddly = throwing(Object.assign(new Error('hunter2'), { code: 'constructor' }))
const fields = { ip: 'hunter2', userId: 'hunter2', except: 'hunter2', sessionEpoch: 'hunter2' }

const given = (): readonly (readonly unknown[])[] => [
  [],
  [undefined],
  [null],
  [null, null, null, null, null],
  [Symbol('hunter2'), Symbol('hunter2')],
  [refusing, refusing],
  [token, refusing],
  [token, refusingOddly],
  [token, null],
  [token, Symbol('hunter2')],
  [randomUUID(), refusing],
  [randomUUID(), refusingOddly],
  [randomUUID(), randomUUID(), 'phone', '192.0.2.1', refusingOddly],
  [fields, fields],
  [refusingOddly],
  ['hunter2', 'hunter2', 'hunter2', 'hunter2', 'hunter2'],
  [new String('hunter2'), new String('hunter2')],
  [1n, 1n],
]

/** Nothing of what was given is told, and all of it is told as one kind of error. */
function expectTyped(error: unknown): void {
  expect(error).toBeInstanceOf(SessionError)
  const { name, type, message, headers } = error as SessionError
  expect({ name, type }).toEqual({ name: 'SessionError', type: expect.stringMatching(/_ERROR$/) })
  expect(message + JSON.stringify([error, headers])).not.toContain('hunter2')
}

const withResults = [
  ...(['createSession', 'validateSession', 'verifyToken', 'refreshSession'] as const),
  ...(['destroySession', 'getUserFromToken', 'revokeAllSessions'] as const),
]
const rejecting = ['hasPermission', 'requirePermission', 'getActiveSessions'] as const
const taking = ['cleanupExpiredSessions', 'getSessionStats', 'ready', 'engine'] as const

type Call = (...args: readonly unknown[]) => Promise<unknown>

describe('whatever it is given', () => {
  it.each(withResults)('%s never rejects, and fails with a SessionError', async (method) => {
    for (const args of given()) {
      const result = await (manager[method] as Call)(...args)
      const { success, error } = result as { success: boolean; error?: unknown }
      if (!success) expectTyped(error)
    }
  })

  it.each(rejecting)('%s rejects with a SessionError', async (method) => {
    for (const args of given()) {
      await (manager[method] as Call)(...args).then(() => undefined, expectTyped)
    }
  })

  it.each(taking)('%s takes nothing, and does not look at it', async (method) => {
    for (const args of given()) await (manager[method] as Call)(...args)
  })

  it('setLogger and on throw nothing, and no call fails for it', async () => {
    for (const [first, second] of given()) {
      manager.setLogger(first as never)
      manager.on(first as never, second as never)()
      expect(await manager.validateSession(token)).toMatchObject({ success: true })
    }
  })
})
