import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { LoginSupersededError, UnknownUserError, type User } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

const RUNS = 100

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

/** A moment within the time that a login takes. */
const soon = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 8))

/** The ids that let somebody in, at both processes. */
async function alive(sessionIds: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    sessionIds.map(async (id) => {
      const users = await Promise.all([
        here.manager.findBySessionId(id),
        there.manager.findBySessionId(id),
      ])
      expect(users[0]?.id).toBe(users[1]?.id)
      return users[0] && id
    }),
  )
  return found.filter((id) => id !== undefined)
}

/** That the list of a user is just what lets somebody in. */
async function expectListed(user: User, sessionIds: readonly string[]): Promise<void> {
  const live = await alive(sessionIds)
  const listed = await there.manager.listSessions(user.id)
  const ids = live.map((id) => String(here.engine.idOf(id)))
  expect(listed.map(({ id }) => id).sort()).toEqual(ids.sort())
}

async function begun(logins: readonly Promise<string>[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(logins)
  for (const each of outcomes) {
    if (each.status === 'fulfilled') continue
    const isKnown =
      each.reason instanceof LoginSupersededError || each.reason instanceof UnknownUserError
    if (!isKnown) throw each.reason
  }
  return outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}

/** Runs a race a hundred times, a few at once. */
async function repeat(race: () => Promise<void>): Promise<void> {
  for (let run = 0; run < RUNS; run += 10) {
    await Promise.all(Array.from({ length: 10 }, race))
  }
}

describe('a hundred times', () => {
  it('logins at once all begin, and are listed', async () => {
    await repeat(async () => {
      const user = await aUser(here)
      const ids = await begun(
        [here, there, here, there].map(({ manager }) => manager.createSession(user.id, metadata)),
      )

      expect(ids).toHaveLength(4)
      expect(await alive(ids)).toHaveLength(4)
      await expectListed(user, ids)
    })
  }, 60_000)

  it('a login that began before all sessions were ended does not survive that', async () => {
    await repeat(async () => {
      const user = await aUser(here)
      const login = { ...metadata, sessionEpoch: user.sessionEpoch }
      const logins = [here, there, here].map(async ({ manager }) => {
        await soon()
        return manager.createSession(user.id, login)
      })
      const [ids] = await Promise.all([
        begun(logins),
        soon().then(() => there.manager.revokeAllSessions(user.id)),
      ])

      expect(await alive(ids)).toEqual([])
      await expectListed(user, ids)
    })
  }, 60_000)

  it('no login survives that all sessions are ended after it', async () => {
    await repeat(async () => {
      const user = await aUser(here)
      const logins = [here, there].map(({ manager }) => manager.createSession(user.id, metadata))
      const [ids] = await Promise.all([
        begun(logins),
        soon().then(() => there.manager.revokeAllSessions(user.id)),
      ])

      await expectListed(user, ids)
      await here.manager.revokeAllSessions(user.id)
      expect(await alive(ids)).toEqual([])
      await expectListed(user, ids)
    })
  }, 60_000)

  it('a session that is extended while it is ended stays ended', async () => {
    await repeat(async () => {
      const user = await aUser(here)
      const id = await here.manager.createSession(user.id, metadata, 60)
      await Promise.all([
        soon().then(() => here.manager.extendSession(id, 3_600)),
        soon().then(() => there.manager.deleteSession(id)),
        soon().then(() => there.manager.extendSession(id, 7_200)),
      ])

      expect(await alive([id])).toEqual([])
      await expectListed(user, [id])
    })
  }, 60_000)

  it('a user who is deleted while they are looked up is found by nobody after it', async () => {
    await repeat(async () => {
      const user = await aUser(here)
      const id = await here.manager.createSession(user.id, metadata)
      const logins = [here, there, here, there].map(async ({ manager }) => {
        await soon()
        return manager.createSession(user.id, metadata)
      })
      const [ids] = await Promise.all([
        begun(logins),
        soon().then(() => there.manager.delete(user.id)),
        soon().then(() => here.manager.findBySessionId(id)),
      ])

      expect(await alive([id, ...ids])).toEqual([])
      expect(await there.manager.listSessions(user.id)).toEqual([])
      await expectNothingLeft(user)
    })
  }, 60_000)
})

/** Nor a session that only lets nobody in. */
async function expectNothingLeft({ id: userId }: User): Promise<void> {
  expect(await here.engine.list({ userId })).toEqual([])
}
