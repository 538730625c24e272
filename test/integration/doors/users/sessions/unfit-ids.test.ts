import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { MockUserManager, type User, type UserManagerInterface } from 'holdfast/users'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

let database: FreshDatabase
let site: Site
let mock: MockUserManager

beforeAll(async () => {
  database = await freshDatabase()
  const redis = sharedRedisUrl()
  site = await openSite({ databaseUrl: database.url, redis, prefix: freshPrefix() })
  mock = new MockUserManager()
})

afterAll(async () => {
  await Promise.all([site.close(), mock.close()])
  await database.drop()
})

const managers: readonly (readonly [string, () => UserManagerInterface])[] = [
  ['production', () => site.manager],
  ['mock', () => mock],
]

const nobodys = [
  ['undefined', undefined],
  ['null', null],
  ['an empty text', ''],
  ['an array', []],
  ['an array of an id', ['id']],
  ['an object', {}],
  ['a number', 1],
  ['a function', () => 'id'],
  ['an object that is a text', { toString: () => 'id' }],
  ['NUL', '\0'],
  ['a lone surrogate', '\ud800'],
  ['10 MB', 'x'.repeat(10 * 1024 * 1024)],
] as const

describe.each(managers)('a %s manager', (_name, managerOf) => {
  let user: User

  beforeAll(async () => {
    user = await aUser({ manager: managerOf() as never })
    await managerOf().createSession(user.id, metadata)
  })

  it.each(nobodys)('finds nobody by %s, and throws nothing', async (_what, value) => {
    const manager = managerOf()
    const asked = value as string

    expect(await manager.findBySessionId(asked)).toBeUndefined()
    expect(await manager.findById(asked)).toBeUndefined()
    expect(await manager.findByEmail(asked)).toBeUndefined()
    expect(await manager.listSessions(asked)).toEqual([])
    expect(await manager.revokeSession(user.id, asked)).toBe(false)
    await expect(manager.deleteSession(asked)).resolves.toBeUndefined()
    await expect(manager.extendSession(asked, 60)).resolves.toBeUndefined()
    expect(await manager.listSessions(user.id)).toHaveLength(1)
  })

  it('is let in by nothing that is stored', async () => {
    const manager = managerOf()
    const [session] = await manager.listSessions(user.id)
    const stored = (await manager.findById(user.id))?.sessionId

    expect(stored).toBe(session!.id)
    expect(await manager.findBySessionId(session!.id)).toBeUndefined()
  })
})

it('a raw value in the column of the session lets nobody in', async () => {
  const user = await aUser(site)
  await site.prisma.$executeRawUnsafe(
    `update "User" set "sessionId" = 'a raw id' where id = $1`,
    user.id,
  )

  expect(await site.manager.findBySessionId('a raw id')).toBeUndefined()
  expect(await site.users.findBySessionId('a raw id')).toBeNull()
})

it('an id that was given to a user and began no session lets nobody in', async () => {
  const user = await aUser(site)
  await site.manager.update(user.id, { sessionId: 'an id without a session' })

  expect(await site.manager.findBySessionId('an id without a session')).toBeUndefined()
  expect(await site.users.findBySessionId('an id without a session')).toBeNull()
})

it('the id of a session lets its user in by the column too, until the session ends', async () => {
  const user = await aUser(site)
  const id = await site.manager.createSession(user.id, metadata)
  expect((await site.users.findBySessionId(id))?.id).toBe(user.id)

  await site.manager.deleteSession(id)

  expect(await site.users.findBySessionId(id)).toBeNull()
})
