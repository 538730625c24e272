import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { EngineStore } from '../../../../src/doors/express/index.js'
import { openSite, type Site, type Visitor } from './site.js'
import { openShore, type Shore, type StoreKind } from './stores.js'

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
]

let shore: Shore

beforeAll(async () => {
  shore = await openShore()
})

afterAll(() => shore.end())

describe.each(stores)('two contexts over one database, each of a $name', ({ kind }) => {
  let web: EngineStore
  let site: Site
  let admin: Visitor
  let publicId: string

  beforeEach(async () => {
    web = shore.open(kind)
    const store = shore.open(kind, { context: 'admin' })
    site = await openSite({ store })
    admin = site.visitor()
    await admin.put({ userId: 'ada' })
    publicId = (await store.ids())[0]!
  })

  afterEach(async () => {
    await site.close()
    await shore.empty()
  })

  it('end none of each other’s sessions by their public id', async () => {
    expect(await web.revoke(publicId)).toBe(false)

    expect(await admin.content()).toEqual({ userId: 'ada' })
  })

  it('read none of each other’s sessions by their public id', async () => {
    expect(await web.engine.readListed(publicId)).toBeUndefined()
  })

  it('end none of each other’s sessions of one user', async () => {
    expect(await web.sessionsOf('ada')).toEqual([])
    expect(await web.destroyUser('ada')).toBe(0)
    await web.clear()

    expect(await admin.content()).toEqual({ userId: 'ada' })
  })
})
