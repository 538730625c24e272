import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionManager, type Issued, type Roles } from 'holdfast/tokens'
import { logIn, reasonOf, signing, valueOf } from '../../../integration/doors/tokens/token-site.js'

let engine: SessionEngine
let manager: SessionManager
let issued: Issued
let find: () => unknown

/** One that is computed is a role like any other; what is no text is none. */
const roles: Roles = {
  USER: ['read:users'],
  7: ['delete:users'],
  ['__proto__']: ['read:odd'],
  NONE: [],
}

beforeEach(async () => {
  find = () => ({})
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  const users = { findById: () => find() as Promise<object> }
  manager = new SessionManager({ engine, signing, users, roles })
  issued = await logIn({ manager })
})

afterEach(() => engine.close())

/** What is told of the user of this row. */
async function userOf(row: unknown) {
  find = () => row
  return valueOf(await manager.validateSession(issued.token)).user
}

describe('a role', () => {
  it.each<readonly [string, unknown]>([
    ['a list of roles', ['USER']],
    ['an object that reads as one', { toString: () => 'USER' }],
    ['a text that is an object', new String('USER')],
    ['a number', 7],
    ['nothing', null],
    ['not given', undefined],
    ['a symbol', Symbol('USER')],
  ])('that is %s is none, and allows nothing', async (_what, role) => {
    const { id, orgId } = issued.user

    expect(await userOf({ role })).toEqual({ id, orgId, permissions: [] })
    expect(await manager.hasPermission(issued.token, 'read:users')).toBe(false)
    expect(await manager.hasPermission(issued.token, 'delete:users')).toBe(false)
  })

  it.each(['constructor', 'hasOwnProperty', 'valueOf', 'user', ' USER', 'NONE'])(
    'that %s is called allows nothing that was not said of it',
    async (role) => {
      expect(await userOf({ role })).toMatchObject({ role, permissions: [] })
    },
  )

  it('of an odd name allows what was said of it', async () => {
    expect((await userOf({ role: '__proto__' })).permissions).toEqual(['read:odd'])
  })
})

describe('permissions of a user', () => {
  it.each<readonly [string, unknown]>([
    ['a text', 'read:users'],
    ['a number', 7],
    ['an object', { 'read:users': true }],
    ['a set', new Set(['read:users'])],
    ['lists in a list', [['read:users'], null, 7, {}]],
  ])('that are %s are none', async (_what, permissions) => {
    expect((await userOf({ permissions })).permissions).toEqual([])
    expect(await manager.hasPermission(issued.token, 'read:users')).toBe(false)
  })

  it('are told once, whoever gives them', async () => {
    const row = { role: 'USER', permissions: ['read:users', 'read:logs', 'read:logs'] }

    expect((await userOf(row)).permissions).toEqual(['read:users', 'read:logs'])
  })

  it('allow neither more nor less than their very text', async () => {
    find = () => ({ permissions: ['read:*', '*', '*:*', 'read:user', 'read:users:all'] })

    expect(await manager.hasPermission(issued.token, 'read:users')).toBe(false)
  })
})

describe('a row by which nobody can tell who is let in', () => {
  it.each<readonly [string, unknown]>([
    ['a list of rows', []],
    ['a list of one', [{ role: 'USER' }]],
    ['a text', 'hunter2'],
    ['true', true],
    ['a function', () => ({})],
    ['disabled at a text', { disabledAt: '2020-01-01T00:00:00Z' }],
    ['disabled at no time', { disabledAt: new Date(NaN) }],
    ['disabled at a number', { disabledAt: 1 }],
    ['disabled at zero', { disabledAt: 0 }],
    ['disabled, it says', { disabledAt: true }],
    ['an epoch of a word', { sessionEpoch: 'three' }],
    ['an empty epoch', { sessionEpoch: '' }],
    ['half an epoch', { sessionEpoch: 0.5 }],
    ['an epoch that is a list', { sessionEpoch: [3] }],
    ['an epoch that is no number', { sessionEpoch: NaN }],
    ['an endless epoch', { sessionEpoch: -Infinity }],
  ])('lets nobody in: %s', async (_what, row) => {
    find = () => row
    const { token, refreshToken, user } = issued
    const results = [
      await manager.validateSession(token),
      await manager.refreshSession(refreshToken),
      await manager.createSession(user.id, user.orgId),
      await manager.getUserFromToken(token),
    ]

    for (const result of results) {
      expect(result).toMatchObject({ error: { type: 'SYSTEM_ERROR', reason: 'unexpected' } })
      expect(JSON.stringify([result, String(!result.success && result.error)])).not.toContain(
        'hunter2',
      )
    }
    await expect(manager.hasPermission(token, 'read:users')).rejects.toMatchObject({
      type: 'SYSTEM_ERROR',
    })
    find = () => ({})
    expect(reasonOf(await manager.validateSession(token))).toBe('success')
  })

  it.each<readonly [string, unknown]>([
    ['text', '1'],
    ['a BigInt', 1n],
  ])('is none where the epoch comes as %s: it counts', async (_what, sessionEpoch) => {
    const begun = valueOf(await manager.createSession(issued.user.id, issued.user.orgId))
    find = () => ({ sessionEpoch: 0 })
    const counted = valueOf(await manager.createSession(issued.user.id, issued.user.orgId))
    find = () => ({ sessionEpoch })

    expect(reasonOf(await manager.validateSession(counted.token))).toBe('ended-session')
    expect(reasonOf(await manager.validateSession(begun.token))).toBe('success')
  })

  it.each<readonly [string, object]>([
    ['columns of null', { role: null, permissions: null, orgId: null, disabledAt: null }],
    ['an epoch of null', { sessionEpoch: null }],
    ['a date to come', { disabledAt: new Date(Date.now() + 60_000) }],
    ['no prototype', Object.create(null) as object],
  ])('is none with %s', async (_what, row) => {
    expect(await userOf(row)).toMatchObject({ permissions: [] })
  })

  it.each([7, '', [], {}, true])('nor of the organization %j', async (orgId) => {
    find = () => ({ orgId })

    expect(reasonOf(await manager.validateSession(issued.token))).toBe('other-organization')
  })
})

describe('a directory', () => {
  it.each<readonly [string, () => unknown]>([
    [
      'throws at once',
      () => {
        throw new Error('hunter2')
      },
    ],
    ['rejects', () => Promise.reject(new Error('hunter2'))],
    [
      'gives what throws when it is waited for',
      () => ({
        then: () => {
          throw new Error('hunter2')
        },
      }),
    ],
  ])('that %s is an outage, and no "no"', async (_what, ask) => {
    find = ask
    const unavailable = { type: 'DATABASE_ERROR', message: 'The users could not be looked up' }

    expect(await manager.validateSession(issued.token)).toMatchObject({ error: unavailable })
    expect(await manager.createSession(randomUUID(), randomUUID())).toMatchObject({
      error: unavailable,
    })
    await expect(manager.hasPermission(issued.token, 'read:users')).rejects.toMatchObject(
      unavailable,
    )
  })

  it.each([null, undefined, false, 0, ''])('that gives %j knows no such user', async (row) => {
    find = () => row

    expect(reasonOf(await manager.validateSession(issued.token))).toBe('unknown-user')
    expect(await manager.hasPermission(issued.token, 'read:users')).toBe(false)
  })
})
