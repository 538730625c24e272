import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EngineStore } from 'holdfast/express'
import { LoginSupersededError, UnknownUserError } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site, type SiteOptions } from '../user-site.js'

let database: FreshDatabase
let site: Site
let elsewhere: Site

const open = (options: Partial<SiteOptions> = {}): Promise<Site> =>
  openSite({ databaseUrl: database.url, redis: sharedRedisUrl(), prefix, ...options })
const prefix = freshPrefix()

beforeAll(async () => {
  database = await freshDatabase()
  site = await open()
  elsewhere = await open()
})

afterAll(async () => {
  await Promise.all([site.close(), elsewhere.close()])
  await database.drop()
})

describe('a session of a manager', () => {
  it('lets its user in, at every process', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)

    expect((await site.manager.findBySessionId(id))?.id).toBe(user.id)
    expect((await elsewhere.manager.findBySessionId(id))?.id).toBe(user.id)
  })

  it('is 32 random bytes, of which only a hash is stored', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    const rows = await site.prisma.$queryRawUnsafe(
      'select s::text as session, u::text as "user" from sessions s, "User" u where u.id = $1',
      user.id,
    )

    expect(id).toMatch(/^[\w-]{43}$/)
    expect(JSON.stringify(rows)).not.toContain(id)
    expect(JSON.stringify(rows)).toContain(String(site.engine.idOf(id)))
  })

  it('is the same session at an express-session store of the context', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    const store = new EngineStore(elsewhere.engine)

    expect(await store.get(id)).toMatchObject({ userId: user.id, ip: '192.0.2.1' })
  })

  it('ends at the store where the manager ends it, in another process too', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    await site.manager.deleteSession(id)

    expect(await new EngineStore(site.engine).get(id)).toBeNull()
    expect(await new EngineStore(elsewhere.engine).get(id)).toBeNull()
  })

  it('ends at the manager where the store ends it, in another process too', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    await new EngineStore(elsewhere.engine).destroy(id)

    expect(await site.manager.findBySessionId(id)).toBeUndefined()
    expect(await elsewhere.manager.findBySessionId(id)).toBeUndefined()
  })

  it('lets in who logged in at the store', async () => {
    const user = await aUser(site)
    const session = { userId: user.id, cookie: { maxAge: 60_000 } }
    await new EngineStore(site.engine).set('a cookie of express', session as never)

    expect((await site.manager.findBySessionId('a cookie of express'))?.id).toBe(user.id)
  })

  it('can not be named in another context', async () => {
    const user = await aUser(site)
    const admin = await open({ context: 'admin' })
    const id = await site.manager.createSession(user.id, metadata)

    expect(await admin.manager.findBySessionId(id)).toBeUndefined()
    await admin.close()
  })

  it('lives for as long as it was given, and not a moment longer for being used', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata, 3_600)
    await site.manager.findBySessionId(id)
    const [session] = await site.manager.listSessions(user.id)

    expect(session!.expiresAt.getTime() - session!.createdAt.getTime()).toBe(3_600_000)
  })

  it.each([0, 0.5, -1, NaN, '60', null])('is not begun or extended for %p seconds', async (ttl) => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    const wrong = { code: 'ERR_INVALID_OPTION', option: 'ttlSeconds' }

    await expect(
      site.manager.createSession(user.id, metadata, ttl as number),
    ).rejects.toMatchObject(wrong)
    await expect(site.manager.extendSession(id, ttl as number)).rejects.toMatchObject(wrong)
  })

  it('is begun for nobody who is not there, or is disabled', async () => {
    const disabled = await aUser(site)
    await site.manager.update(disabled.id, { disabledAt: new Date() })

    for (const id of ['nobody', disabled.id]) {
      await expect(site.manager.createSession(id, metadata)).rejects.toThrow(UnknownUserError)
    }
  })

  it('keeps who began it to a length that nobody outside decides', async () => {
    const user = await aUser(site)
    const device = { ip: '1'.repeat(1_000), userAgent: 'x\0'.repeat(10_000) }
    await site.manager.createSession(user.id, device)
    const [session] = await site.manager.listSessions(user.id)

    expect(session).toMatchObject({ ip: '1'.repeat(64), userAgent: 'x'.repeat(512) })
  })
})

describe('to extend a session', () => {
  it('moves its end later', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata, 60)
    await site.manager.extendSession(id, 3_600)
    const [session] = await elsewhere.manager.listSessions(user.id)

    expect(session!.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
  })

  it('never moves it earlier', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata, 3_600)
    await site.manager.extendSession(id, 60)
    const [session] = await elsewhere.manager.listSessions(user.id)

    expect(session!.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
  })

  it('never passes the absolute limit', async () => {
    const limited = await open({ absoluteTtl: '10m' })
    const user = await aUser(limited)
    const id = await limited.manager.createSession(user.id, metadata, 60)
    await limited.manager.extendSession(id, 3_600)
    const [session] = await limited.manager.listSessions(user.id)

    expect(session!.expiresAt.getTime() - session!.createdAt.getTime()).toBe(600_000)
    await limited.close()
  })

  it('never brings back what has ended', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    await site.manager.deleteSession(id)
    await site.manager.extendSession(id, 3_600)

    expect(await site.manager.findBySessionId(id)).toBeUndefined()
  })
})

describe("a user's sessions", () => {
  it('are listed with their devices and times, the newest first, and which one it is', async () => {
    const user = await aUser(site)
    await site.manager.createSession(user.id, metadata)
    const current = await elsewhere.manager.createSession(user.id, { ip: '192.0.2.2' })
    const listed = await site.manager.listSessions(user.id, current)

    expect(listed).toEqual([
      { ...times, id: String(site.engine.idOf(current)), isCurrent: true, ip: '192.0.2.2' },
      { ...times, id: expect.any(String), isCurrent: false, ...metadata },
    ])
  })

  const times = {
    createdAt: expect.any(Date),
    lastSeenAt: expect.any(Date),
    expiresAt: expect.any(Date),
  }

  it('show when they were used last', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    const [before] = await site.manager.listSessions(user.id)
    await elsewhere.manager.findBySessionId(id)
    await elsewhere.close()
    elsewhere = await open()
    const [after] = await site.manager.listSessions(user.id)

    expect(after!.lastSeenAt.getTime()).toBeGreaterThan(before!.lastSeenAt.getTime())
    expect(after!.expiresAt).toEqual(before!.expiresAt)
  })

  it('end one by one, by the id that the list shows', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    const [session] = await elsewhere.manager.listSessions(user.id)

    expect(await elsewhere.manager.revokeSession(user.id, session!.id)).toBe(true)
    expect(await site.manager.findBySessionId(id)).toBeUndefined()
    expect(await elsewhere.manager.revokeSession(user.id, session!.id)).toBe(false)
  })

  it('are ended by nobody else', async () => {
    const [user, other] = [await aUser(site), await aUser(site)]
    const id = await site.manager.createSession(user.id, metadata)
    const [session] = await site.manager.listSessions(user.id)

    expect(await site.manager.revokeSession(other.id, session!.id)).toBe(false)
    expect(await site.manager.revokeOtherSessions(other.id, id)).toBe(0)
    expect((await site.manager.findBySessionId(id))?.id).toBe(user.id)
  })

  it('are not ended by the id that a cookie holds', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)

    expect(await site.manager.revokeSession(user.id, id)).toBe(false)
    expect((await site.manager.findBySessionId(id))?.id).toBe(user.id)
  })

  it('all end but one', async () => {
    const user = await aUser(site)
    const ids = [
      await site.manager.createSession(user.id, metadata),
      await elsewhere.manager.createSession(user.id, metadata),
    ]
    const current = await site.manager.createSession(user.id, metadata)

    expect(await site.manager.revokeOtherSessions(user.id, current)).toBe(2)
    expect((await elsewhere.manager.findBySessionId(current))?.id).toBe(user.id)
    for (const id of ids) expect(await elsewhere.manager.findBySessionId(id)).toBeUndefined()
    expect(await site.manager.revokeOtherSessions(user.id, current)).toBe(0)
    expect((await elsewhere.manager.findBySessionId(current))?.id).toBe(user.id)
  })

  it('all end, and those of others do not', async () => {
    const [user, other] = [await aUser(site), await aUser(site)]
    const ids = [
      await site.manager.createSession(user.id, metadata),
      await elsewhere.manager.createSession(user.id, metadata),
    ]
    const kept = await site.manager.createSession(other.id, metadata)

    expect(await elsewhere.manager.revokeAllSessions(user.id)).toBe(2)
    for (const id of ids) expect(await site.manager.findBySessionId(id)).toBeUndefined()
    expect((await site.manager.findBySessionId(kept))?.id).toBe(other.id)
  })

  it.each(['revokeAllSessions', 'revokeOtherSessions'] as const)(
    'by %s end those whose login began before, and has not begun its session yet',
    async (revoke) => {
      const user = await aUser(site)
      const current = await site.manager.createSession(user.id, metadata)
      await elsewhere.manager[revoke](user.id, current)
      const late = { ...metadata, sessionEpoch: user.sessionEpoch }

      await expect(site.manager.createSession(user.id, late)).rejects.toThrow(LoginSupersededError)
    },
  )

  it('end when the user is disabled, or deleted', async () => {
    const [disabled, deleted] = [await aUser(site), await aUser(site)]
    const ids = [
      await site.manager.createSession(disabled.id, metadata),
      await site.manager.createSession(deleted.id, metadata),
    ]
    await elsewhere.manager.update(disabled.id, { disabledAt: new Date() })
    expect(await elsewhere.manager.delete(deleted.id)).toBe(true)

    for (const id of ids) {
      expect(await site.manager.findBySessionId(id)).toBeUndefined()
      expect(await new EngineStore(site.engine).get(id)).toBeNull()
    }
  })
})
