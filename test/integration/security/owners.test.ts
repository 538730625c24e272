import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { EngineStore } from '../../../src/doors/express/index.js'
import { openSite, type Site, type Visitor } from '../doors/express/site.js'
import { openShore, type Shore, type StoreKind } from '../doors/express/stores.js'

const keys = { one: randomBytes(32).toString('hex') }
const encryption = { keys, current: 'one', allowPlaintext: true }

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'MemorySessionStore', kind: 'memory' },
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
]

let shore: Shore
let site: Site

beforeAll(async () => {
  shore = await openShore()
})

afterEach(async () => {
  await site.close()
  await shore.empty()
})

afterAll(() => shore.end())

async function loggedIn(userId: string | number): Promise<Visitor> {
  const visitor = site.visitor()
  await visitor.put({ userId })
  return visitor
}

describe.each(stores)('the owners of encrypted sessions in a $name', ({ kind }) => {
  let store: EngineStore

  beforeEach(async () => {
    store = shore.open(kind, { encryption })
    site = await openSite({ store })
  })

  it('are asked for as they are, and shown as they were asked for', async () => {
    await Promise.all(['ada', 'ada', 'bob', 7].map(loggedIn))

    const owners = async (userId: string | number) =>
      (await store.sessionsOf(userId)).map((summary) => summary.userId)
    expect(await owners('ada')).toEqual(['ada', 'ada'])
    expect(await owners(7)).toEqual(['7'])
    expect(await owners('nobody')).toEqual([])
  })

  it('stand as hashes in the list of all sessions', async () => {
    await loggedIn('ada')

    expect(await store.engine.list()).toMatchObject([
      { userId: expect.stringMatching(/^sha256:[\w-]{43}$/) },
    ])
  })

  it('lose all their sessions, and nobody else does', async () => {
    const [ada, phone, bob] = await Promise.all(['ada', 'ada', 'bob'].map(loggedIn))

    expect(await store.destroyUser('ada')).toBe(2)

    expect([await ada!.content(), await phone!.content()]).toEqual([{}, {}])
    expect(await bob!.content()).toEqual({ userId: 'bob' })
  })
})

describe.each(stores.slice(1))('sessions from before encryption in a $name', ({ kind }) => {
  let store: EngineStore
  let cookie: string | undefined

  beforeEach(async () => {
    site = await openSite({ store: shore.open(kind) })
    cookie = await (await loggedIn('ada')).visit((req) => req.headers.cookie)
    await site.close()
    store = shore.open(kind, { encryption })
    site = await openSite({ store })
  })

  it('are listed with those of their owner once they were saved again', async () => {
    expect(await store.sessionsOf('ada')).toEqual([])
    await site.visitor(cookie).put({ visits: 1 })

    expect(await store.sessionsOf('ada')).toMatchObject([{ userId: 'ada' }])
  })

  it('are ended with those of their owner that came after it', async () => {
    const after = await loggedIn('ada')
    expect(await site.visitor(cookie).content()).toEqual({ userId: 'ada' })

    expect(await store.destroyUser('ada')).toBe(2)

    expect(await site.visitor(cookie).content()).toEqual({})
    expect(await after.content()).toEqual({})
  })
})
