import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { TooManySessionsError } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site, type SiteOptions } from '../user-site.js'

let database: FreshDatabase
let site: Site

const open = (options: Partial<SiteOptions> = {}): Promise<Site> =>
  openSite({ databaseUrl: database.url, redis: sharedRedisUrl(), prefix, ...options })
const prefix = freshPrefix()

beforeAll(async () => {
  database = await freshDatabase()
  site = await open()
})

afterAll(async () => {
  await site.close()
  await database.drop()
})

describe('a limit of sessions', () => {
  it('ends the oldest', async () => {
    const limited = await open({ maxSessionsPerUser: 2 })
    const user = await aUser(limited)
    const ids: string[] = []
    for (let n = 0; n < 4; n++) ids.push(await limited.manager.createSession(user.id, metadata))
    const found = await Promise.all(ids.map((id) => site.manager.findBySessionId(id)))

    expect(found.map((each) => each?.id)).toEqual([undefined, undefined, user.id, user.id])
    await limited.close()
  })

  it('refuses one more, until one is ended', async () => {
    const limited = await open({ maxSessionsPerUser: 2, onTooManySessions: 'refuse' })
    const user = await aUser(limited)
    const begin = () => limited.manager.createSession(user.id, metadata)
    const first = await begin()
    await begin()

    await expect(begin()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_SESSIONS', limit: 2 })
    await expect(begin()).rejects.toThrow(TooManySessionsError)
    await limited.manager.deleteSession(first)
    await begin()
    expect(await limited.manager.listSessions(user.id)).toHaveLength(2)
    await limited.close()
  })

  it.each(['end-oldest', 'refuse'] as const)(
    'holds however many logins there are at once: %s',
    async (onTooManySessions) => {
      const limits = { maxSessionsPerUser: 3, onTooManySessions }
      const sites = await Promise.all([open(limits), open(limits)])
      const user = await aUser(site)
      const logins = Array.from({ length: 24 }, (_, n) =>
        sites[n % 2]!.manager.createSession(user.id, metadata),
      )
      const outcomes = await Promise.allSettled(logins)

      const failed = outcomes.flatMap((each) =>
        each.status === 'rejected' ? [each.reason as unknown] : [],
      )
      expect(failed.every((error) => error instanceof TooManySessionsError)).toBe(true)
      expect(failed.length > 0).toBe(onTooManySessions === 'refuse')
      const { length } = await site.manager.listSessions(user.id)
      if (onTooManySessions === 'refuse') expect(length).toBeLessThanOrEqual(3)
      else expect(length).toBe(3)
      await Promise.all(sites.map((each) => each.close()))
    },
  )

  it('of one leaves one of two logins at once', async () => {
    const limited = await Promise.all([1, 2].map(() => open({ maxSessionsPerUser: 1 })))
    for (let run = 0; run < 20; run++) {
      const user = await aUser(site)
      const logins = limited.map(({ manager }) => manager.createSession(user.id, metadata))
      const ids = await Promise.all(logins)
      const alive = await Promise.all(ids.map((id) => site.manager.findBySessionId(id)))

      expect(alive.filter(Boolean)).toHaveLength(1)
    }
    await Promise.all(limited.map((each) => each.close()))
  })
})
