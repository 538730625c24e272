import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { openSessions, type SessionEngine } from 'holdfast'
import { ManualClock } from 'holdfast/testing'
import { MemoryLedger } from '../../../../src/ledgers/memory/memory-ledger.js'
import { SessionManager, type SessionManagerOptions } from 'holdfast/tokens'
import { z } from 'zod'

const userId = randomUUID()
const orgId = randomUUID()
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }

/** Counts how often anybody asks it. */
class CountingLedger extends MemoryLedger {
  asked = 0

  override read(...args: Parameters<MemoryLedger['read']>) {
    this.asked++
    return super.read(...args)
  }

  override commit(...args: Parameters<MemoryLedger['commit']>) {
    this.asked++
    return super.commit(...args)
  }

  override revoke(...args: Parameters<MemoryLedger['revoke']>) {
    this.asked++
    return super.revoke(...args)
  }

  override list(...args: Parameters<MemoryLedger['list']>) {
    this.asked++
    return super.list(...args)
  }
}

let ledger: CountingLedger
let engine: SessionEngine
let manager: SessionManager
let looks: number

function aManager(options: SessionManagerOptions = {}): SessionManager {
  const users = {
    findById: async () => {
      looks++
      return {}
    },
  }
  return new SessionManager({ engine, signing, users, rateLimits: false, ...options })
}

beforeEach(async () => {
  looks = 0
  ledger = new CountingLedger({ clock: new ManualClock() })
  engine = openSessions({ ledger, sweepEvery: false })
  manager = aManager()
  await manager.ready()
  // For the time, once.
  ledger.asked = 0
})

afterEach(() => engine.close())

/** A call, whatever its types say. */
const call = (method: keyof SessionManager, ...args: readonly unknown[]) =>
  (manager[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args)

const malformed = { success: false, error: { type: 'VALIDATION_ERROR', reason: 'invalid-input' } }
const notOurs = { success: false, error: { type: 'TOKEN_ERROR', reason: 'invalid-token' } }
const noText = [undefined, null, 7, {}, ['a.b.c'], Symbol('token'), () => 'a.b.c', true]
const ofTokens = [
  'validateSession',
  'verifyToken',
  'refreshSession',
  'destroySession',
  'getUserFromToken',
] as const

describe('a session', () => {
  it.each([
    ['no UUID', ['hunter2', orgId]],
    ['no organization', [userId]],
    ['an empty user', ['', orgId]],
    ['a number as a user', [7, orgId]],
    ['an object as a user', [{ toString: () => userId }, orgId]],
    ['a UUID and more', [`${userId}\n`, orgId]],
    ['an empty device', [userId, orgId, '']],
    ['a device of 256 characters', [userId, orgId, 'd'.repeat(256)]],
    ['a device that is no text', [userId, orgId, 7]],
    ['a device of null', [userId, orgId, null]],
    ['a name as an address', [userId, orgId, 'phone', 'localhost']],
    ['an address with a port', [userId, orgId, 'phone', '192.0.2.1:80']],
    ['an address out of range', [userId, orgId, 'phone', '192.0.2.256']],
    ['a zone that is a path', [userId, orgId, 'phone', 'fe80::1%../../etc']],
    ['colons as an address', [userId, orgId, 'phone', ':::%a']],
    ['a long zone', [userId, orgId, 'phone', `fe80::1%${'a'.repeat(64)}`]],
  ])('of %s does not begin', async (_what, args) => {
    expect(await call('createSession', ...args)).toMatchObject(malformed)
    expect([ledger.asked, looks]).toEqual([0, 0])
  })

  it.each(['192.0.2.1', '2001:db8::1', '::ffff:1.2.3.4', 'fe80::1%eth0', undefined])(
    'begins at the address %s',
    async (ip) => {
      expect(await manager.createSession(userId, orgId, undefined, ip)).toMatchObject({
        success: true,
        session: ip === undefined ? {} : { ip },
      })
    },
  )

  it('begins at a device of 255 characters', async () => {
    const deviceId = 'd'.repeat(255)

    expect(await manager.createSession(userId, orgId, deviceId)).toMatchObject({
      session: { deviceId },
    })
  })

  it('has ids of the schema that is given, within 255 characters', async () => {
    manager = aManager({ idSchema: z.string().regex(/^u\d+$/) })

    expect(await manager.createSession('u1', 'u2')).toMatchObject({ user: { id: 'u1' } })
    expect(await call('createSession', userId, 'u2')).toMatchObject(malformed)
    expect(await call('createSession', `u${'1'.repeat(255)}`, 'u2')).toMatchObject(malformed)
    manager = aManager({ idSchema: z.string().transform((id) => id.slice(2)) })
    expect(await call('createSession', 'u1', 'u2')).toMatchObject(malformed)
  })

  it('is not begun where the schema of ids itself throws', async () => {
    const idSchema = z.string().refine(() => {
      throw new Error('hunter2')
    })
    manager = aManager({ idSchema })

    expect(await manager.createSession('u1', 'u2')).toMatchObject({
      success: false,
      error: { reason: 'unexpected', message: 'The operation failed' },
    })
  })
})

describe('a token', () => {
  it.each(ofTokens)('for %s that is no text is malformed', async (method) => {
    for (const token of noText) expect(await call(method, token)).toMatchObject(malformed)
    expect(ledger.asked).toBe(0)
  })

  it.each(ofTokens)('for %s that is empty, or huge, or anything is none', async (method) => {
    const texts = ['', 'x'.repeat(8_193), 'x'.repeat(10_000_000), 'a.b.c', '\0', 'hfr_', 'ünï']
    for (const text of texts) expect(await call(method, text)).toMatchObject(notOurs)
    expect(ledger.asked).toBe(0)
  })

  it.each(ofTokens)('for %s that is empty or huge is not even looked at', async (method) => {
    const refused = { error: { message: 'The token is empty, or longer than any' } }

    for (const text of ['', 'x'.repeat(8_193)])
      expect(await call(method, text)).toMatchObject(refused)
  })
})

describe('a permission', () => {
  const wrong = ['read', 'read:', ':users', 'read:users:all', 'Read:users', 'read:*', ' read:users']

  it.each([...wrong, `read:users\n`, `r:${'u'.repeat(65)}`, '', '"', ...noText])(
    'that is none is refused before anybody is asked: %p',
    async (permission) => {
      const login = await manager.createSession(userId, orgId)
      const { token } = login as { token: string } & typeof login
      const before = ledger.asked
      const refusal = { type: 'VALIDATION_ERROR', message: expect.stringContaining('permission: ') }

      await expect(call('hasPermission', token, permission)).rejects.toMatchObject(refusal)
      await expect(call('requirePermission', token, permission)).rejects.toMatchObject(refusal)
      expect(ledger.asked).toBe(before)
    },
  )
})

describe('a list', () => {
  it.each([null, 7, '', 'u'.repeat(256), {}])('is not made of the user %p', async (owner) => {
    await expect(call('getActiveSessions', { userId: owner })).rejects.toMatchObject(
      malformed.error,
    )
    expect(ledger.asked).toBe(0)
  })

  it('is not made of nothing, which is not everybody', async () => {
    await expect(call('getActiveSessions', null)).rejects.toMatchObject(malformed.error)
  })

  it('is made of a user of another door', async () => {
    expect(await manager.getActiveSessions({ userId: 'alice' })).toEqual([])
  })
})

describe('the session that stays when all others are ended', () => {
  it.each(['', 'x', 7, null, {}, 'x'.repeat(44)])('is not %p', async (except) => {
    expect(await call('revokeAllSessions', userId, { except })).toMatchObject(malformed)
    expect([ledger.asked, looks]).toEqual([0, 0])
  })

  it.each([[{ userId: orgId }], ['x'.repeat(43)], [{ expect: 'x'.repeat(43) }]])(
    'is not meant by %j: all would be ended',
    async (options) => {
      const begun = await manager.createSession(userId, orgId)

      expect(await call('revokeAllSessions', userId, options)).toMatchObject(malformed)
      expect(begun.success && (await manager.validateSession(begun.token)).success).toBe(true)
    },
  )
})

describe('whatever is given', () => {
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
    fc.string(),
    fc.constantFrom(...noText),
  )
  const secret = 'hunter2-hunter2'
  const results = [...ofTokens, 'createSession', 'revokeAllSessions'] as const

  it.each(results)('%s gives a result, and asks nobody', async (method) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 5 }), async (args) => {
        expect(await call(method, ...args)).toMatchObject({
          success: false,
          error: { type: expect.stringMatching(/^(?:VALIDATION|TOKEN)_ERROR$/) },
        })
        expect([ledger.asked, looks]).toEqual([0, 0])
      }),
      { numRuns: 200 },
    )
  })

  it.each(results)('%s tells nothing of it', async (method) => {
    const args = [secret, secret, secret, secret]
    const { error } = (await call(method, ...args)) as { error: Error }

    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
      'hunter2',
    )
  })

  it('a visitor that throws when looked at does no more than fail', async () => {
    const visitor = {
      get ip(): never {
        throw new Error(secret)
      },
    }

    expect(await call('validateSession', 'a.b.c', visitor)).toMatchObject({ success: false })
  })
})
