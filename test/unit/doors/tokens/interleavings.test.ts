import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { MemoryLedger, MemoryStorage, openSessions, type SessionEngine } from 'holdfast'
import { ChaosLedger } from 'holdfast/testing'
import { SessionManager, type UserDirectory } from 'holdfast/tokens'
import { InMemoryUsers, type User } from 'holdfast/users'
import { logIn, reasonOf, signing, valueOf } from '../../../integration/doors/tokens/token-site.js'

/** Users, and something that happens once, at one of their moments. */
class InterruptedUsers extends InMemoryUsers {
  #moment = ''
  #happen: () => Promise<unknown> = async () => undefined
  #lookups = 0

  interruptAt(moment: string, happen: () => Promise<unknown>): void {
    this.#moment = moment
    this.#happen = happen
    this.#lookups = 0
  }

  override async findById(id: string): Promise<User | null> {
    const lookup = ++this.#lookups
    await this.#reach(`before lookup ${lookup}`)
    const user = await super.findById(id)
    await this.#reach(`after lookup ${lookup}`)
    return user
  }

  async #reach(moment: string): Promise<void> {
    if (this.#moment !== moment) return
    this.#moment = ''
    await this.#happen()
  }
}

let ledger: ChaosLedger
let engine: SessionEngine
let users: InterruptedUsers
let manager: SessionManager
let user: User

beforeEach(async () => {
  ledger = new ChaosLedger(new MemoryLedger())
  engine = openSessions({ ledger, sweepEvery: false })
  users = new InterruptedUsers()
  manager = managerOver(engine)
  user = await users.create({ email: 'ada@example.org' })
})

afterEach(() => engine.close())

const managerOver = (each: SessionEngine) =>
  new SessionManager({ engine: each, users, signing, rateLimits: false })
const begin = () => manager.createSession(user.id, randomUUID())
const isNothingLeft = async () => expect(await engine.list()).toEqual([])

describe('where all sessions of a user are ended while one begins', () => {
  it.each([
    ['before lookup 1', 'success'],
    ['after lookup 1', 'login-superseded'],
    ['before lookup 2', 'login-superseded'],
    ['after lookup 2', 'ended-session'],
  ])('%s, the tokens that are given are good or none', async (moment, expected) => {
    users.interruptAt(moment, () => manager.revokeAllSessions(user.id))
    const result = await begin()
    const reason = result.success
      ? reasonOf(await manager.validateSession(result.token))
      : result.error.reason

    expect(reason).toBe(expected)
    if (expected !== 'success') await isNothingLeft()
  })

  it('and one is excepted, the new one is none', async () => {
    const kept = await logIn({ manager }, user.id)
    users.interruptAt('after lookup 1', () =>
      manager.revokeAllSessions(user.id, { except: kept.session.id }),
    )

    expect(reasonOf(await begin())).toBe('login-superseded')
    expect(reasonOf(await manager.validateSession(kept.token))).toBe('success')
  })
})

describe('a login whose password was looked at', () => {
  it('before all sessions of the user were ended is none, where it says so', async () => {
    const { sessionEpoch } = user
    await manager.revokeAllSessions(user.id)
    const login = (options: { sessionEpoch?: number }) =>
      manager.createSession(user.id, randomUUID(), undefined, undefined, options)

    expect(reasonOf(await login({ sessionEpoch }))).toBe('login-superseded')
    await isNothingLeft()
    expect(reasonOf(await login({ sessionEpoch: sessionEpoch + 1 }))).toBe('success')
    expect(reasonOf(await login({ sessionEpoch: -1 }))).toBe('invalid-input')
  })
})

describe('where a user is disabled or deleted while a session begins', () => {
  it.each([
    ['disabled', () => users.update(user.id, { disabledAt: new Date() }), 'disabled-user'],
    ['deleted', () => users.delete(user.id), 'unknown-user'],
  ] as const)('%s, it does not, and none is left', async (_what, happen, reason) => {
    users.interruptAt('before lookup 2', happen)

    expect(reasonOf(await begin())).toBe(reason)
    await isNothingLeft()
  })
})

describe('where a session ends while it is refreshed', () => {
  it.each(['before lookup 1', 'after lookup 1'])('%s, no token is given', async (moment) => {
    const login = await logIn({ manager }, user.id)
    users.interruptAt(moment, () => manager.destroySession(login.token))

    expect(reasonOf(await manager.refreshSession(login.refreshToken))).toBe('ended-session')
    await isNothingLeft()
  })

  it('by whoever replays an older token, the newer one is no good either', async () => {
    const login = await logIn({ manager }, user.id)
    const second = valueOf(await manager.refreshSession(login.refreshToken))
    const third = valueOf(await manager.refreshSession(second.refreshToken))
    users.interruptAt('after lookup 1', () => manager.refreshSession(login.refreshToken))

    expect(reasonOf(await manager.refreshSession(third.refreshToken))).toBe('ended-session')
    await isNothingLeft()
  })
})

describe('where somebody else refreshes first', () => {
  it('between the look and the commit, the same pair is given to both', async () => {
    const login = await logIn({ manager }, user.id)
    const others: unknown[] = []
    users.interruptAt('after lookup 1', async () => {
      const other = valueOf(await manager.refreshSession(login.refreshToken))
      others.push([other.token, other.refreshToken])
    })
    const { token, refreshToken } = valueOf(await manager.refreshSession(login.refreshToken))

    expect(others).toEqual([[token, refreshToken]])
  })

  it('and refreshes once more, the one left behind is refused, and nobody is logged out', async () => {
    const login = await logIn({ manager }, user.id)
    let newest = ''
    users.interruptAt('after lookup 1', async () => {
      const next = valueOf(await manager.refreshSession(login.refreshToken))
      newest = valueOf(await manager.refreshSession(next.refreshToken)).refreshToken
    })

    expect(reasonOf(await manager.refreshSession(login.refreshToken))).toBe('reused-token')
    expect(reasonOf(await manager.refreshSession(newest))).toBe('success')
    expect(reasonOf(await manager.refreshSession(login.refreshToken))).toBe('reused-token')
    await isNothingLeft()
  })
})

describe('where all other sessions are ended while one is refreshed elsewhere', () => {
  it('no token is brought back, be it an engine that overwrites', async () => {
    const storage = new MemoryStorage()
    const slow = new ChaosLedger(new MemoryLedger({ storage }))
    const here = openSessions({ ledger: slow, sweepEvery: false, onConflict: 'overwrite' })
    const there = openSessions({ ledger: new MemoryLedger({ storage }), sweepEvery: false })
    const [ending, refreshing] = [here, there].map((each) => managerOver(each))
    const login = await logIn({ manager: refreshing! }, user.id)
    const release = slow.chaos.hold(['commit'], 1)
    const ended = ending!.revokeAllSessions(user.id, { except: login.session.id })
    while (slow.chaos.calls(['commit']) === 0) await new Promise(setImmediate)
    const next = valueOf(await refreshing!.refreshSession(login.refreshToken))
    release()

    expect(reasonOf(await ended)).toBe('success')
    expect(reasonOf(await refreshing!.refreshSession(next.refreshToken))).toBe('success')
    await Promise.all([here.close(), there.close()])
  })
})

describe('where the answer of a commit is lost', () => {
  it('the refresh is an outage, and the same token gives the pair that was committed', async () => {
    const login = await logIn({ manager }, user.id)
    ledger.chaos.loseReplies(['commit'])
    const lost = await manager.refreshSession(login.refreshToken)
    ledger.chaos.heal()
    const [next, again] = [
      valueOf(await manager.refreshSession(login.refreshToken)),
      valueOf(await manager.refreshSession(login.refreshToken)),
    ]

    expect(reasonOf(lost)).toBe('unavailable')
    expect([again.token, again.refreshToken]).toEqual([next.token, next.refreshToken])
    expect(reasonOf(await manager.refreshSession(next.refreshToken))).toBe('success')
  })

  it('a session that may have begun has no tokens, and no second one begins', async () => {
    ledger.chaos.loseReplies(['commit'])
    const lost = await begin()
    ledger.chaos.heal()

    expect(reasonOf(lost)).toBe('unavailable')
    expect((await engine.list()).length).toBeLessThanOrEqual(1)
  })
})

describe('a directory', () => {
  const managerOf = (directory: UserDirectory) =>
    new SessionManager({ engine, users: directory, signing })

  it.each([
    ['rejects', () => Promise.reject(new Error('of a database'))],
    [
      'throws',
      () => {
        throw new Error('of a database')
      },
    ],
  ])('that %s lets nobody in, and is an outage', async (_what, findById) => {
    const { token, refreshToken } = await logIn({ manager }, user.id)
    const failing = managerOf({ findById })

    for (const result of [
      await failing.validateSession(token),
      await failing.refreshSession(refreshToken),
      await failing.createSession(user.id, randomUUID()),
    ]) {
      expect(result).toMatchObject({ success: false, error: { type: 'DATABASE_ERROR' } })
    }
    await expect(failing.hasPermission(token, 'read:users')).rejects.toMatchObject({
      type: 'DATABASE_ERROR',
      cause: { message: 'of a database' },
    })
    expect(reasonOf(await manager.refreshSession(refreshToken))).toBe('success')
  })

  it('that counts no epochs has all sessions ended as well, but for those under way', async () => {
    const plain = managerOf({ findById: async () => ({}) })
    const [kept, other] = [await logIn({ manager: plain }), await logIn({ manager: plain })]
    const ended = await plain.revokeAllSessions(other.user.id)
    const { id } = kept.session

    expect(valueOf(ended).revoked).toBe(1)
    expect(valueOf(await plain.revokeAllSessions(kept.user.id, { except: id })).revoked).toBe(0)
    expect(reasonOf(await plain.validateSession(kept.token))).toBe('success')
    expect(reasonOf(await plain.validateSession(other.token))).toBe('ended-session')
  })
})
