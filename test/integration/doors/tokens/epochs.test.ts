import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { SessionManager } from 'holdfast/tokens'
import type { User } from 'holdfast/users'
import { AccessTokens } from '../../../../src/doors/tokens/access/access-tokens.js'
import { SigningKeys } from '../../../../src/doors/tokens/access/signing-keys.js'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../services.js'
import { aUser, metadata, openSite, type Site } from '../users/user-site.js'
import { logIn, reasonOf, signing, valueOf } from './token-site.js'

let database: FreshDatabase
let here: Site
let there: Site
let manager: SessionManager
let elsewhere: SessionManager
let user: User

const roles = { USER: ['read:users'], ADMIN: ['read:users', 'delete:users'] } as const
const over = ({ engine, users }: Site) =>
  new SessionManager({ engine, users, roles, signing, rateLimits: false })

beforeAll(async () => {
  database = await freshDatabase()
  const options = { databaseUrl: database.url, redis: sharedRedisUrl(), prefix: freshPrefix() }
  here = await openSite({ ...options, near: true })
  there = await openSite({ ...options, near: true })
  ;[manager, elsewhere] = [over(here), over(there)]
})

beforeEach(async () => {
  user = await aUser(here)
})

afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await database.drop()
})

const validity = async (token: string) => reasonOf(await elsewhere.validateSession(token))

describe('a user of the table', () => {
  it('has the permissions of the role that stands there at that moment', async () => {
    const { token } = await logIn({ manager }, user.id)

    expect(await elsewhere.hasPermission(token, 'delete:users')).toBe(false)
    await here.users.update(user.id, { role: 'ADMIN' })
    expect(await elsewhere.hasPermission(token, 'delete:users')).toBe(true)
    await here.users.update(user.id, { role: 'USER' })
    expect(await elsewhere.hasPermission(token, 'delete:users')).toBe(false)
  })

  it('who is disabled there has no token any more, nor after being let in again', async () => {
    const [one, other] = [await logIn({ manager }, user.id), await logIn({ manager }, user.id)]
    expect(await validity(one.token)).toBe('success')
    await here.manager.update(user.id, { disabledAt: new Date() })
    const reasons = await Promise.all([one, other].map(({ token }) => validity(token)))
    await here.manager.update(user.id, { disabledAt: null })

    expect(reasons).toEqual(['ended-session', 'ended-session'])
    expect(await validity(one.token)).toBe('ended-session')
    expect(reasonOf(await manager.refreshSession(one.refreshToken))).toBe('ended-session')
  })

  it('who is disabled by a statement has none either, though nobody has ended a session', async () => {
    const { token, refreshToken } = await logIn({ manager }, user.id)
    await here.users.update(user.id, { disabledAt: new Date() })

    expect(await validity(token)).toBe('disabled-user')
    expect(reasonOf(await elsewhere.refreshSession(refreshToken))).toBe('disabled-user')
    expect(await elsewhere.hasPermission(token, 'read:users')).toBe(false)
  })

  it('who is not there gets no token', async () => {
    const stranger = randomUUID()
    const result = await manager.createSession(stranger, randomUUID())

    expect(reasonOf(result)).toBe('unknown-user')
    expect((await here.engine.list()).map(({ userId }) => userId)).not.toContain(stranger)
  })
})

describe('sessions of a user', () => {
  it('are ended at the door for users as at this one', async () => {
    const { token } = await logIn({ manager }, user.id)
    const cookie = await here.manager.createSession(user.id, metadata)
    await there.manager.revokeAllSessions(user.id)

    expect(await validity(token)).toBe('ended-session')
    expect(await here.manager.findBySessionId(cookie)).toBeUndefined()
  })

  it('are ended at this door for the other as well, but for the one that is excepted', async () => {
    const [kept, other] = [await logIn({ manager }, user.id), await logIn({ manager }, user.id)]
    const cookie = await here.manager.createSession(user.id, metadata)
    const { revoked } = valueOf(
      await elsewhere.revokeAllSessions(user.id, { except: kept.session.id }),
    )

    expect(revoked).toBe(2)
    expect(await validity(kept.token)).toBe('success')
    expect(await validity(other.token)).toBe('ended-session')
    expect(await here.manager.findBySessionId(cookie)).toBeUndefined()
    expect((await here.manager.listSessions(user.id)).map(({ id }) => id)).toEqual([
      kept.session.id,
    ])
  })

  it('are listed at either door', async () => {
    const { session } = await logIn({ manager }, user.id)
    await here.manager.createSession(user.id, metadata)
    const listed = await manager.getActiveSessions({ userId: user.id })

    expect(listed).toHaveLength(2)
    expect((await here.manager.listSessions(user.id)).map(({ id }) => id)).toContain(session.id)
  })

  it('are each ended by its public id, of one’s own and of nobody else’s', async () => {
    const { token, session } = await logIn({ manager }, user.id)
    const eve = await aUser(here)

    expect(await here.manager.revokeSession(eve.id, session.id)).toBe(false)
    expect(await validity(token)).toBe('success')
    expect(await here.manager.revokeSession(user.id, session.id)).toBe(true)
    expect(await validity(token)).toBe('ended-session')
  })

  it('but one can be ended while that one is refreshed, any number of times', async () => {
    for (let run = 0; run < 20; run++) {
      const kept = await logIn({ manager }, user.id)
      const other = await logIn({ manager }, user.id)
      const [next, ended] = await Promise.all([
        elsewhere.refreshSession(kept.refreshToken),
        manager.revokeAllSessions(user.id, { except: kept.session.id }),
      ])

      expect([reasonOf(next), reasonOf(ended)]).toEqual(['success', 'success'])
      const { token, refreshToken } = valueOf(next)
      expect(await validity(token)).toBe('success')
      expect(await validity(other.token)).toBe('ended-session')
      expect(reasonOf(await manager.refreshSession(refreshToken))).toBe('success')
    }
  }, 30_000)
})

describe('a session of a cookie', () => {
  it('is named by no token, be that signed by ourselves', async () => {
    const cookie = await here.manager.createSession(user.id, metadata)
    const access = new AccessTokens({
      keys: new SigningKeys(signing),
      issuer: 'holdfast',
      audience: 'holdfast:web',
      now: () => Date.now(),
    })
    const iat = Math.floor(Date.now() / 1_000)
    const sign = (sid: string) =>
      access.sign({ sub: user.id, sid, org: randomUUID(), jti: 'j', iat, exp: iat + 60 })

    expect(await validity(await sign(String(here.engine.idOf(cookie))))).toBe('ended-session')
    const { session } = await logIn({ manager }, user.id)
    expect(await validity(await sign(session.id))).toBe('ended-session')
  })

  it('can not be taken over by whoever reads a token: no cookie has its session’s id', async () => {
    const { session } = await logIn({ manager }, user.id)

    expect(await here.manager.findBySessionId(session.id)).toBeUndefined()
  })
})
