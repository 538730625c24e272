import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { SessionEngine } from 'holdfast'
import { EngineStore } from 'holdfast/express'
import { SessionManager, type Issued, type Result } from 'holdfast/tokens'
import { InMemoryUsers, ProductionUserManager, type User } from 'holdfast/users'
import { logIn, reasonOf, signing, valueOf } from '../../../integration/doors/tokens/token-site.js'
import { DAY, MINUTE, SECOND, World } from '../../../support/engine.js'
import { InterruptedLedger } from '../../../support/interrupted-ledger.js'

let world: World
let users: InMemoryUsers
let ledger: InterruptedLedger
let engines: SessionEngine[]
let here: SessionManager
let there: SessionManager
let user: User
let old: Issued
let login: Issued

beforeEach(async () => {
  world = new World()
  users = new InMemoryUsers()
  ledger = new InterruptedLedger(world)
  engines = [world.startWithoutCache({}, ledger), world.startWithoutCache()].map(
    ({ engine }) => engine,
  )
  ;[here, there] = engines.map(
    (engine) => new SessionManager({ engine, users, signing, rateLimits: false }),
  ) as [SessionManager, SessionManager]
  user = await users.create({ email: 'ada@example.org' })
  old = await logIn({ manager: there }, user.id)
  login = valueOf(await there.refreshSession(old.refreshToken))
  // It has asked for the time then.
  await here.ready()
  // So that whoever brings the old one is a thief.
  await world.clock.advance(MINUTE)
})

afterEach(() => Promise.all(engines.map((engine) => engine.close())))

const engine = () => engines[1]!
const userManager = () => new ProductionUserManager({ engine: engine(), users })

/** A session of the same user that is to stay. */
const another = async () => (await logIn({ manager: there }, user.id)).session.id

/** Whatever ends the session in another process, and with it every token. */
const endings = {
  'a logout': () => there.destroySession(login.token),
  'a logout by the refresh token': () => there.destroySession(login.refreshToken),
  'a logout by a token of before': () => there.destroySession(old.refreshToken),
  'the end of all': () => there.revokeAllSessions(user.id),
  'the end of all but another': async () =>
    there.revokeAllSessions(user.id, { except: await another() }),
  'the end of all at the door for users': () => userManager().revokeAllSessions(user.id),
  'the end of all by the store': () => new EngineStore(engine()).destroyUser(user.id),
  'its end by its public id': () => userManager().revokeSession(user.id, login.session.id),
  'the user disabled at the door for users': async () => {
    await userManager().update(user.id, { disabledAt: new Date(world.clock.now()) })
    await users.update(user.id, { disabledAt: null })
  },
  'the user disabled': () => users.update(user.id, { disabledAt: new Date(world.clock.now()) }),
  'the user deleted at the door for users': () => userManager().delete(user.id),
  'the user deleted': () => users.delete(user.id),
  'the user gone to another organization': async () => {
    const { findById } = users
    users.findById = async (id) => ({ ...(await findById.call(users, id))!, orgId: randomUUID() })
  },
  'a theft': () => there.refreshSession(old.refreshToken),
} satisfies Record<string, () => Promise<unknown>>

const moments = ['before read 1', 'after read 1', 'before commit 1', 'after commit 1']
const retried = ['before read 2', 'after read 2', 'before commit 2', 'after commit 2']

/** Whoever has any of these tokens is let in nowhere, now and later. */
async function expectNoneIsGood(result: Result<Issued>): Promise<void> {
  const pairs = [old, login, ...(result.success ? [result] : [])]
  for (let later = 0; later < 2; later++) {
    for (const manager of [here, there]) {
      for (const { token, refreshToken } of pairs) {
        expect(reasonOf(await manager.validateSession(token))).not.toBe('success')
        expect(reasonOf(await manager.refreshSession(refreshToken))).not.toBe('success')
      }
    }
    await world.clock.advance(MINUTE)
  }
}

it('a refresh reads once and commits once, and once more each where somebody was first', async () => {
  ledger.interruptAt('')
  await here.refreshSession(login.refreshToken)

  expect(ledger.passed).toEqual(moments)
})

describe.each(Object.entries(endings))('%s, while the session is refreshed elsewhere', (_, end) => {
  it.each(moments)('%s, leaves no token that is good', async (moment) => {
    ledger.interruptAt(moment, end)
    const result = await here.refreshSession(login.refreshToken)

    expect(ledger.passed).toContain(moment)
    await expectNoneIsGood(result)
  })

  it.each(retried)('%s, after a change by another door, leaves none either', async (moment) => {
    ledger.interruptAt('before commit 1', async () => {
      await changeElsewhere()
      ledger.interruptAt(moment.replace('2', '1'), end)
    })
    const result = await here.refreshSession(login.refreshToken)

    expect(ledger.passed).toContain(moment.replace('2', '1'))
    await expectNoneIsGood(result)
  })
})

/** As a door that keeps something of its own in the session. */
async function changeElsewhere(): Promise<void> {
  const loaded = (await engine().readListed(login.session.id))!
  const content = { ...loaded.content, seen: 'elsewhere' }
  await engine().write(loaded.id, { content, ttl: 7 * DAY, cursor: { base: loaded } })
}

describe('all others ended, while the one that stays is refreshed elsewhere', () => {
  it.each(moments)('%s, leaves its tokens good, and no others', async (moment) => {
    const other = await logIn({ manager: there }, user.id)
    ledger.interruptAt(moment, () => there.revokeAllSessions(user.id, { except: login.session.id }))
    const next = valueOf(await here.refreshSession(login.refreshToken))
    const again = valueOf(await there.refreshSession(login.refreshToken))

    expect([again.token, again.refreshToken]).toEqual([next.token, next.refreshToken])
    expect(reasonOf(await there.validateSession(next.token))).toBe('success')
    expect(reasonOf(await there.refreshSession(next.refreshToken))).toBe('success')
    expect(reasonOf(await here.validateSession(other.token))).toBe('ended-session')
    expect(reasonOf(await here.refreshSession(other.refreshToken))).toBe('ended-session')
  })
})

describe('a logout in the process that refreshes', () => {
  it.each(moments)('%s, leaves no token that is good', async (moment) => {
    const endings: Promise<unknown>[] = []
    ledger.interruptAt(moment, async () => void endings.push(here.destroySession(login.token)))
    const result = await here.refreshSession(login.refreshToken)
    await Promise.all(endings)

    expect(endings).toHaveLength(1)
    await expectNoneIsGood(result)
    expect(await engine().list()).toEqual([])
  })
})

describe('the absolute end', () => {
  let bounded: SessionManager

  beforeEach(async () => {
    await there.destroySession(login.token)
    const options = { users, signing, absoluteTtl: '1h', rateLimits: false } as const
    bounded = new SessionManager({ engine: engines[0], ...options })
    login = await logIn({ manager: bounded }, user.id)
  })

  it.each(moments)('reached %s of a refresh, leaves no token that is good', async (moment) => {
    await world.clock.advance(60 * MINUTE - SECOND)
    ledger.interruptAt(moment, () => world.clock.advance(SECOND))
    const result = await bounded.refreshSession(login.refreshToken)

    await expectNoneIsGood(result)
    expect(await engine().list({ userId: user.id })).toEqual([])
  })

  it.each(moments)('is no later where the ledger takes its time %s', async (moment) => {
    await world.clock.advance(30 * MINUTE)
    ledger.interruptAt(moment, () => world.clock.advance(SECOND))
    const next = valueOf(await bounded.refreshSession(login.refreshToken))
    expect(next.session.endsAt).toEqual(login.session.endsAt)
    await world.clock.advance(login.session.endsAt.getTime() - world.clock.now())

    expect(reasonOf(await bounded.validateSession(next.token))).toBe('ended-session')
    expect(reasonOf(await bounded.refreshSession(next.refreshToken))).toBe('ended-session')
  })
})
