import { randomBytes, randomUUID } from 'node:crypto'
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { InvalidOptionError, openSessions, type SessionEngine } from 'holdfast'
import { SessionManager, type SessionManagerOptions } from 'holdfast/tokens'
import { Pool } from 'pg'
import { freshDatabase } from '../../../services.js'
import { connectionsTo } from '../users/connections.js'
import { withVariables } from '../users/with-variables.js'
import { logIn, plain } from './environments.js'

const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
let engine: SessionEngine
let manager: SessionManager

beforeEach(() => {
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  manager = new SessionManager()
})
afterEach(async () => {
  await manager.close()
  await engine.close()
})

const reasonOf = async (call: ReturnType<SessionManager['validateSession']>) => {
  const result = await call
  return result.success ? 'good' : result.error.reason
}

describe('configure()', () => {
  it('says what a manager is made of before it is used', async () => {
    manager.configure({ engine, signing, issuer: 'before' })
    const { token } = await logIn(manager)

    expect(await manager.engine()).toBe(engine)
    expect(JSON.parse(atob(token.split('.')[1]!))).toMatchObject({ iss: 'before' })
  })

  it('says it anew once it was used, and leaves open what was handed in', async () => {
    manager.configure({ engine, signing })
    const { token } = await logIn(manager)
    const other = openSessions({ ledger: 'memory', sweepEvery: false })
    manager.configure({ engine: other, signing })

    expect(await reasonOf(manager.validateSession(token))).toBe('ended-session')
    expect(await new SessionManager({ engine, signing }).validateSession(token)).toMatchObject({
      success: true,
    })
    await other.close()
  })

  it('closes what was opened of the environment', async () => {
    const database = await freshDatabase()
    const variables = { ...plain, DATABASE_URL: database.url }
    await withVariables(variables, () => logIn(manager))
    expect(await connectionsTo(database.url)).toBeGreaterThan(0)
    manager.configure({ engine, signing })
    await logIn(manager)
    for (let tries = 0; tries < 40 && (await connectionsTo(database.url)) > 0; tries++) {
      await delay(25)
    }

    expect(await connectionsTo(database.url)).toBe(0)
    await database.drop()
  })

  it.each([
    ['be it configured again', () => manager.configure({ engine, signing })],
    ['be it closed already', () => void manager.close()],
  ])('leaves nothing open when close() resolves, %s', async (_, letGo) => {
    const database = await freshDatabase()
    await withVariables({ ...plain, DATABASE_URL: database.url }, () => manager.ready())
    const end = jest.spyOn(Pool.prototype, 'end')
    letGo()
    await manager.close()
    const ends = end.mock.results.map(({ value }) => value as Promise<void>)
    end.mockRestore()
    const states = ends.map((each) =>
      Promise.race([each.then(() => 'ended'), immediate('still open')]),
    )

    expect(await Promise.all(states)).toEqual(['ended'])
    await database.drop()
  })

  it('answers what was asked before with what there was', async () => {
    const database = await freshDatabase()
    const logins = await withVariables({ ...plain, DATABASE_URL: database.url }, async () => {
      await manager.ready()
      return Array.from({ length: 10 }, () => manager.createSession(randomUUID(), randomUUID()))
    })
    manager.configure({ engine, signing })
    const outcomes = await Promise.all(logins)

    expect(outcomes.filter(({ success }) => success)).toHaveLength(10)
    await manager.close()
    await database.drop()
  })

  it('opens a manager again that was closed', async () => {
    manager.configure({ engine, signing })
    await manager.close()
    expect(await reasonOf(manager.validateSession('a.b.c'))).toBe('closed')

    manager.configure({ engine, signing })

    expect(await reasonOf(manager.validateSession('a.b.c'))).toBe('invalid-token')
  })

  it('refuses what is malformed, and goes on with what there was', async () => {
    manager.configure({ engine, signing })
    const { token } = await logIn(manager)

    expect(() => manager.configure({ accessTtl: 'soon' as '1s' })).toThrow(InvalidOptionError)
    expect(await reasonOf(manager.validateSession(token))).toBe('good')
  })

  it('while an opening fails has the next one kept, which close() ends', async () => {
    const wrong = { ...plain, JWT_SECRET: 'x' }
    const outcomes = await withVariables(wrong, () => {
      const failing = manager.ready()
      manager.configure({ engine, signing })
      const again = () => manager.engine()
      return Promise.allSettled([failing, again(), failing.catch(again)])
    })

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(await theftsTold()).toBe(1)
  })

  it('with the same engine tells of a theft once', async () => {
    for (let times = 0; times < 3; times++) {
      manager.configure({ engine, signing, retryWithin: 0 })
      await logIn(manager)
    }

    expect(await theftsTold()).toBe(1)
  })
})

/** How often the manager tells of one theft. */
async function theftsTold(): Promise<number> {
  let told = 0
  manager.on('token.theft', () => told++)
  engine.emit('token.theft', { id: 'an-id', userId: 'a-user', generation: 1, newest: 3 })
  return told
}

describe('close()', () => {
  it('of a manager leaves nothing of it at an engine that was handed in', async () => {
    manager.configure({ engine, signing })
    await manager.ready()
    expect(await theftsTold()).toBe(1)
    await manager.close()

    expect(await theftsTold()).toBe(0)
  })

  it('may be called twice, and of one that was never used', async () => {
    await manager.close()
    await manager.close()
    await expect(manager.ready()).rejects.toMatchObject({ type: 'SYSTEM_ERROR', reason: 'closed' })
  })
})

describe('an option', () => {
  const malformed: readonly (readonly [keyof SessionManagerOptions | 'jwtSecret', unknown])[] = [
    ['jwtSecret', 'hunter2'],
    ['engine', {}],
    ['engine', 'redis://hunter2'],
    ['signing', 'hunter2'],
    ['users', {}],
    ['users', () => null],
    ['roles', []],
    ['roles', { ADMIN: ['everything'] }],
    ['roles', { ADMIN: [7] }],
    ['roles', { ADMIN: 'read:users' }],
    ['roles', { ADMIN: null }],
    ['roles', { '': ['read:users'] }],
    ['accessTtl', 'soon'],
    ['accessTtl', 999],
    ['refreshTtl', -1],
    ['absoluteTtl', Infinity],
    ['retryWithin', -1],
    ['issuer', ''],
    ['audience', ['hunter2']],
    ['idSchema', /hunter2/],
    ['idSchema', { safeParse: () => ({ success: true }) }],
    ['rateLimits', true],
    ['logger', { error: () => {} }],
    ['logger', null],
  ]

  it.each(malformed)('that is wrong is refused at once, by its name: %s', (option, value) => {
    const refusal: unknown = expect.objectContaining({ code: 'ERR_INVALID_OPTION', option })
    const options = { [option]: value } as SessionManagerOptions

    for (const act of [() => new SessionManager(options), () => manager.configure(options)]) {
      expect(act).toThrow(refusal)
      expect(act).not.toThrow(/hunter2/)
    }
  })

  it.each([null, 'hunter2', []])('comes in an object, and not in %j', (options) => {
    expect(() => new SessionManager(options as never)).toThrow(InvalidOptionError)
  })

  it.each([
    ['userId', { userId: () => 'anybody' }],
    ['hashSessionIds', { hashSessionIds: false }],
  ])('of an engine is refused where lists would let somebody in: %s', async (option, unfit) => {
    const other = openSessions({ ledger: 'memory', sweepEvery: false, ...unfit })
    const login = new SessionManager({ engine: other, signing }).createSession(
      randomUUID(),
      randomUUID(),
    )

    expect(await login).toMatchObject({ error: { reason: 'misconfigured', cause: { option } } })
    await other.close()
  })
})
