import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EngineStore } from 'holdfast/express'
import { LoginSupersededError, type User } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

let database: FreshDatabase
let here: Site
let there: Site

beforeAll(async () => {
  database = await freshDatabase()
  const options = { databaseUrl: database.url, redis: sharedRedisUrl(), prefix: freshPrefix() }
  here = await openSite(options)
  there = await openSite(options)
})

afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await database.drop()
})

async function aSession(): Promise<{ user: User; id: string }> {
  const user = await aUser(here)
  return { user, id: await here.manager.createSession(user.id, metadata) }
}

describe('to end all sessions but one', () => {
  it('leaves that one, however often it is asked for at once', async () => {
    for (let run = 0; run < 20; run++) {
      const { user, id } = await aSession()
      await Promise.all(
        [here, there, here].map(({ manager }) => manager.revokeOtherSessions(user.id, id)),
      )

      expect((await here.manager.findBySessionId(id))?.id).toBe(user.id)
      expect((await there.manager.findBySessionId(id))?.id).toBe(user.id)
    }
  }, 30_000)

  it('leaves it to requests that come meanwhile, at every process', async () => {
    for (let run = 0; run < 30; run++) {
      const { user, id } = await aSession()
      await there.manager.findBySessionId(id)
      const asking = Array.from({ length: 12 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n / 2))
        return (n % 2 ? here : there).manager.findBySessionId(id)
      })
      const [found] = await Promise.all([
        Promise.all(asking),
        here.manager.revokeOtherSessions(user.id, id),
      ])

      expect(found.map((each) => each?.id)).toEqual(Array(12).fill(user.id))
    }
  }, 30_000)

  it('ends the others that ask for the same at once, and leaves nobody alive who was ended', async () => {
    const { user, id } = await aSession()
    const other = await there.manager.createSession(user.id, metadata)
    await Promise.all([
      here.manager.revokeOtherSessions(user.id, id),
      there.manager.revokeOtherSessions(user.id, other),
    ])

    const listed = await here.manager.listSessions(user.id)
    const alive = [id, other].map((each) => here.manager.findBySessionId(each))
    expect((await Promise.all(alive)).filter(Boolean)).toHaveLength(listed.length)
    expect(listed.length).toBeLessThanOrEqual(1)
  })

  it('changes nothing of a session that is somebody else’s', async () => {
    const { user, id } = await aSession()
    const other = await aUser(here)
    const before = await here.engine.read(here.engine.idOf(id)!)
    await here.manager.revokeOtherSessions(other.id, id)

    expect((await here.engine.read(here.engine.idOf(id)!))?.raw).toBe(before?.raw)
    expect((await here.manager.findBySessionId(id))?.id).toBe(user.id)
  })
})

/** As a process leaves it that dies between a session's commit and the look at its user. */
describe('a session from before all sessions were ended', () => {
  async function superseded(): Promise<{ user: User; id: string }> {
    const session = await aSession()
    await here.users.advanceSessionEpoch(session.user.id)
    return session
  }

  it('lets nobody in, and is in no list', async () => {
    const { user, id } = await superseded()

    expect(await here.manager.findBySessionId(id)).toBeUndefined()
    expect(await there.manager.findBySessionId(id)).toBeUndefined()
    expect(await here.manager.listSessions(user.id, id)).toEqual([])
  })

  it('is brought back by nothing that asks for it', async () => {
    const { user, id } = await superseded()
    await here.manager.extendSession(id, 3_600)
    await here.manager.revokeOtherSessions(user.id, id)

    expect(await here.manager.findBySessionId(id)).toBeUndefined()
    expect(await here.engine.list({ userId: user.id })).toEqual([])
  })
})

describe('a user who was disabled, and is let in again', () => {
  it('has none of the sessions of before, nor one whose login began before', async () => {
    const { user, id } = await aSession()
    const login = { ...metadata, sessionEpoch: user.sessionEpoch }
    await here.manager.update(user.id, { disabledAt: new Date() })
    await here.manager.update(user.id, { disabledAt: null })

    expect(await there.manager.findBySessionId(id)).toBeUndefined()
    await expect(there.manager.createSession(user.id, login)).rejects.toThrow(LoginSupersededError)
    expect(await there.manager.createSession(user.id, metadata)).toBeDefined()
  })
})

describe('a session in which an express-session store logs in somebody else', () => {
  it('is theirs, whatever was ended of whoever began it', async () => {
    const { user, id } = await aSession()
    const other = await aUser(here)
    await here.users.advanceSessionEpoch(other.id)
    const store = new EngineStore(there.engine)
    const session = (await store.get(id))!
    await store.set(id, Object.assign(session, { userId: other.id }))

    expect((await here.manager.findBySessionId(id))?.id).toBe(other.id)
    expect(await here.manager.listSessions(user.id)).toEqual([])
    expect(await here.manager.listSessions(other.id)).toHaveLength(1)
  })
})

it.each(['7', -1, 1.5, Infinity, {}])('no login has the epoch %p', async (sessionEpoch) => {
  const user = await aUser(here)
  const login = { ...metadata, sessionEpoch: sessionEpoch as number }

  await expect(here.manager.createSession(user.id, login)).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    option: 'sessionEpoch',
  })
  expect(await here.manager.listSessions(user.id)).toEqual([])
})
