import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { EngineStore } from '../../../../src/doors/express/index.js'
import { cookieOf, Gate, openSite, stopped, type Site, type SiteOptions } from './site.js'
import { openShore, type Shore, type StoreKind } from './stores.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
]

let shore: Shore
const sites: Site[] = []

beforeAll(async () => {
  shore = await openShore()
})

afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()))
  await shore.empty()
})

afterAll(() => shore.end())

async function open(options: SiteOptions): Promise<Site> {
  const site = await openSite(options)
  sites.push(site)
  return site
}

/** How long the only session that is stored still has to live, ms. */
async function lifetimeLeft(store: EngineStore): Promise<number> {
  const [summary, ...others] = await store.engine.list()
  expect(others).toHaveLength(0)
  return summary!.expiresAt - Date.now()
}

function expiryOf(cookie: object): Date | null {
  return (cookie as { expires?: Date | null }).expires ?? null
}

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThan(10_000)
}

describe.each(stores)('express-session with a $name', ({ kind }) => {
  it('stores nothing of a visitor who leaves nothing, by default', async () => {
    const store = shore.open(kind)
    const site = await open({ store })

    const response = await site.visitor().request(() => 'hello')

    expect(cookieOf(response)).toBeUndefined()
    expect(await store.length()).toBe(0)
  })

  it('stores each visitor with saveUninitialized', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, saveUninitialized: true })).visitor()

    expect(cookieOf(await visitor.request(() => 'hello'))).toBeDefined()
    await visitor.put({ visits: 2 })

    expect(await store.length()).toBe(1)
    expect(await visitor.content()).toEqual({ visits: 2 })
  })

  it('saves at each request with resave, and keeps what is there', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, resave: true })).visitor()
    await visitor.put({ visits: 1 })
    const { writes } = (await store.stats()).counts

    expect(await visitor.content()).toEqual({ visits: 1 })

    expect((await store.stats()).counts.writes).toBe(writes + 1)
  })

  it('touches, and saves nothing, at a request that changes nothing', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, cookie: { maxAge: HOUR } })).visitor()
    await visitor.put({ visits: 1 })
    const { writes } = (await store.stats()).counts

    for (let request = 0; request < 5; request++) await visitor.content()

    const { counts } = await store.stats()
    expect(counts.writes).toBe(writes)
    expect(counts.touchesSkipped).toBe(5)
  })

  it('sends the cookie anew at each request with rolling', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, rolling: true, cookie: { maxAge: HOUR } })).visitor()
    await visitor.put({ visits: 1 })

    const response = await visitor.request(() => 'hello')

    const [header] = response.headers['set-cookie'] as unknown as string[]
    const expires = Date.parse(/Expires=([^;]+)/.exec(header!)![1]!)
    expectNear(expires, Date.now() + HOUR)
    expectNear(await lifetimeLeft(store), HOUR)
  })

  it.each([
    { unset: 'destroy' as const, left: 0 },
    { unset: 'keep' as const, left: 1 },
  ])(
    'leaves $left sessions where a request unsets its own with unset: $unset',
    async ({ unset, left }) => {
      const store = shore.open(kind)
      const visitor = (await open({ store, unset })).visitor()
      await visitor.put({ visits: 1 })

      await visitor.visit((req) => {
        Object.assign(req, { session: null })
      })

      expect(await store.length()).toBe(left)
    },
  )

  it('keeps a lifetime that a request gave its cookie, and nothing else', async () => {
    const store = shore.open(kind)
    const site = await open({ store, cookie: { maxAge: HOUR } })
    const visitor = site.visitor()
    await visitor.put({ visits: 1 })

    await visitor.visit(({ session }) => {
      session.cookie.maxAge = 30 * DAY
    })

    expectNear(await lifetimeLeft(store), 30 * DAY)
    const originalMaxAge = await visitor.visit(({ session }) => session.cookie.originalMaxAge)
    expectNear(Number(originalMaxAge), 30 * DAY)
    expect(await visitor.content()).toEqual({ visits: 1 })
  })

  it('keeps a lifetime that a request shortened while another saved', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, cookie: { maxAge: 30 * DAY } })).visitor()
    await visitor.put({ visits: 1 })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      session.cookie.maxAge = HOUR
    })

    await visitor.put({ visits: 2 })
    await slow.finish()

    expectNear(await lifetimeLeft(store), HOUR)
    expect(await visitor.content()).toEqual({ visits: 2 })
    expectNear(await lifetimeLeft(store), HOUR)
  })

  it('ends a session whose cookie a request gives no time, though another saved it', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, cookie: { maxAge: HOUR } })).visitor()
    await visitor.put({ visits: 1 })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      session['last'] = true
      session.cookie.maxAge = 0
    })

    await visitor.put({ visits: 2 })
    await slow.finish()

    expect(await store.length()).toBe(0)
    expect(await visitor.content()).toEqual({})
  })

  it('remembers a visitor beyond the browser’s end where a login asks for it', async () => {
    const store = shore.open(kind, { ttl: HOUR })
    const visitor = (await open({ store })).visitor()
    const expires = () => visitor.visit(({ session }) => expiryOf(session.cookie))
    await visitor.put({ visits: 1 })
    expect(await expires()).toBeNull()
    expectNear(await lifetimeLeft(store), HOUR)

    await visitor.visit(({ session }) => {
      session['userId'] = 'ada'
      session.cookie.maxAge = 30 * DAY
    })

    expectNear(Date.parse(String(await expires())), Date.now() + 30 * DAY)
    expectNear(await lifetimeLeft(store), 30 * DAY)
  })

  it('ends a session with its browser again where a request says so', async () => {
    const store = shore.open(kind, { ttl: HOUR })
    const visitor = (await open({ store, cookie: { maxAge: 30 * DAY } })).visitor()
    await visitor.put({ visits: 1 })

    await visitor.visit(({ session }) => {
      Object.assign(session.cookie, { expires: null })
    })

    expect(await visitor.visit(({ session }) => expiryOf(session.cookie))).toBeNull()
    expectNear(await lifetimeLeft(store), HOUR)
  })

  it('keeps other settings of the cookie that a request changes', async () => {
    const visitor = (await open({ store: shore.open(kind), cookie: { maxAge: HOUR } })).visitor()
    await visitor.put({ visits: 1 })

    await visitor.visit(({ session }) => {
      session.cookie.sameSite = 'strict'
    })

    expect(await visitor.visit(({ session }) => session.cookie.sameSite)).toBe('strict')
  })

  it('moves the expiry of a visitor who stays, in Postgres too', async () => {
    const store = shore.open(kind, { touchEvery: 0 })
    const visitor = (await open({ store, cookie: { maxAge: HOUR } })).visitor()
    await visitor.put({ visits: 1 })
    const before = await shore.prisma.session.findFirstOrThrow()

    await visitor.content()
    await store.close()

    const after = await shore.prisma.session.findFirstOrThrow()
    expect(Number(after.expiresAt)).toBeGreaterThan(Number(before.expiresAt))
    expect(after.version).toBe(before.version)
  })

  it('lets two middlewares share a store, each with a cookie of its own', async () => {
    const store = shore.open(kind)
    const first = (await open({ store, name: 'first' })).visitor()
    const second = (await open({ store, name: 'second', secret: 'another' })).visitor()

    await Promise.all([first.put({ of: 'first' }), second.put({ of: 'second' })])

    expect(await first.content()).toEqual({ of: 'first' })
    expect(await second.content()).toEqual({ of: 'second' })
    expect(await store.length()).toBe(2)
  })

  it('takes ids of the application’s own', async () => {
    const store = shore.open(kind)
    const visitor = (await open({ store, genid: () => 'häfen/1:*?' })).visitor()

    await visitor.put({ visits: 1 })

    expect(await visitor.visit((req) => req.sessionID)).toBe('häfen/1:*?')
    expect(await visitor.content()).toEqual({ visits: 1 })
  })
})
