import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { hashPassword, LoginSupersededError, verifyPassword, type User } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

let database: FreshDatabase
let site: Site

beforeAll(async () => {
  database = await freshDatabase()
  const redis = sharedRedisUrl()
  site = await openSite({ databaseUrl: database.url, redis, prefix: freshPrefix() })
})

afterAll(async () => {
  await site.close()
  await database.drop()
})

const password = 'correct horse battery staple'

async function registered(hashedPassword?: string): Promise<User> {
  const { id } = await aUser(site)
  const hash = hashedPassword ?? (await hashPassword(password))
  return (await site.manager.update(id, { hashedPassword: hash }))!
}

const logIn = (email: string, given = password) =>
  site.manager.login({ email, password: given, ...metadata })

describe('a login', () => {
  it('lets in who knows the password, in whatever letters the address is written', async () => {
    const user = await registered()
    const login = await logIn(` ${user.email.toUpperCase()} `)

    expect(login?.user.id).toBe(user.id)
    expect((await site.manager.findBySessionId(login!.sessionId))?.id).toBe(user.id)
  })

  it('notes when it was', async () => {
    const user = await registered()
    await logIn(user.email)
    const { lastLoginAt } = (await site.manager.findById(user.id))!

    expect(Math.abs(lastLoginAt!.getTime() - Date.now())).toBeLessThan(10_000)
  })

  it.each(['', 'wrong', `${password} `, 'x'.repeat(10_000)])(
    'lets nobody in by the password %p',
    async (wrong) => {
      const user = await registered()

      expect(await logIn(user.email, wrong)).toBeUndefined()
      expect(await site.manager.listSessions(user.id)).toEqual([])
    },
  )

  it('lets in neither a user without a password, nor a disabled one, nor nobody', async () => {
    const [without, disabled] = [await aUser(site), await registered()]
    await site.manager.update(disabled.id, { disabledAt: new Date() })

    for (const email of [without.email, disabled.email, 'nobody@example.org', '', '\0']) {
      expect(await logIn(email)).toBeUndefined()
    }
  })

  it('hashes anew what was hashed by other parameters, and lets in by that', async () => {
    const weak = '$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$'
    const old = weak + (await scryptOf(password, 'saltsaltsaltsalt', 1024))
    const user = await registered(old)
    expect(await logIn(user.email)).toBeDefined()
    const { hashedPassword } = (await site.manager.findById(user.id))!

    expect(hashedPassword).not.toBe(old)
    expect(await verifyPassword(password, hashedPassword)).toEqual({
      isValid: true,
      needsRehash: false,
    })
    expect(await logIn(user.email)).toBeDefined()
  })

  it('leaves a hash of today as it is', async () => {
    const user = await registered()
    await logIn(user.email)

    expect((await site.manager.findById(user.id))?.hashedPassword).toBe(user.hashedPassword)
  })

  it('does not survive that all sessions are ended while the password is being checked', async () => {
    const user = await registered()
    const login = logIn(user.email)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await site.manager.revokeAllSessions(user.id)

    const outcome = await login.catch((error: unknown) => error)
    const survived = outcome instanceof LoginSupersededError
    expect(survived || (await site.manager.listSessions(user.id)).length === 0).toBe(true)
  })
})

async function scryptOf(text: string, salt: string, cost: number): Promise<string> {
  const { scryptSync } = await import('node:crypto')
  return scryptSync(text, salt, 32, { N: cost, r: 8, p: 1 }).toString('base64').replace(/=+$/, '')
}
