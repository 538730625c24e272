import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { ended, openSite, type Site, type Visitor } from './site.js'
import { openShore, type Shore, type StoreKind } from './stores.js'

const HOUR = 3_600_000

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
]

/** A store from before, which can fail, and take its time. */
class OldStore extends session.MemoryStore {
  failure: (Error & { code?: string }) | undefined
  #hold: (() => Promise<void>) | undefined

  override get(sid: string, callback: Parameters<session.MemoryStore['get']>[1]): void {
    const hold = this.#hold
    this.#hold = undefined
    if (this.failure) callback(this.failure)
    else
      super.get(
        sid,
        (...found) => void (hold?.() ?? Promise.resolve()).then(() => callback(...found)),
      )
  }

  /** What is asked for next is found at once, and told when it is released. */
  holdNext(): { found: Promise<void>; release: () => void } {
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const found = new Promise<void>((resolve) => {
      this.#hold = () => {
        resolve()
        return released
      }
    })
    return { found, release: () => release() }
  }

  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    if (this.failure) callback?.(this.failure)
    else super.destroy(sid, callback)
  }
}

let shore: Shore

beforeAll(async () => {
  shore = await openShore()
})

afterAll(() => shore.end())

describe.each(stores)('a $name that follows another store', ({ kind }) => {
  let old: OldStore
  let site: Site
  let visitor: Visitor
  let cookie: string | undefined

  /** A visitor logs in at the site as it was; then the site is restarted with the new store. */
  beforeEach(async () => {
    old = new OldStore()
    const siteBefore = await openSite({ store: old, cookie: { maxAge: HOUR } })
    const visitorBefore = siteBefore.visitor()
    await visitorBefore.put({ userId: 'ada', cart: ['kelp'] })
    cookie = await visitorBefore.visit((req) => req.headers.cookie)
    await siteBefore.close()
    site = await openSite({ store: shore.open(kind, { migrateFrom: old }) })
    visitor = site.visitor(cookie)
  })

  afterEach(async () => {
    await site.close()
    await shore.empty()
  })

  it('logs nobody out', async () => {
    expect(await visitor.content()).toEqual({ userId: 'ada', cart: ['kelp'] })
  })

  it('keeps the session as its own, with its owner and its lifetime', async () => {
    await visitor.content()
    const store = shore.open(kind)

    const [summary] = await store.sessionsOf('ada')
    old.clear()
    await visitor.put({ cart: [] })

    expect(Math.abs(summary!.expiresAt - Date.now() - HOUR)).toBeLessThan(10_000)
    expect(await visitor.content()).toEqual({ userId: 'ada', cart: [] })
  })

  it('adopts it once, whatever the store before has by then', async () => {
    await visitor.put({ cart: [] })

    expect(await visitor.content()).toEqual({ userId: 'ada', cart: [] })
  })

  it('adopts it once where many requests come at once, here and elsewhere', async () => {
    const elsewhere = await openSite({ store: shore.open(kind, { migrateFrom: old }) })
    try {
      const visitors = [visitor, elsewhere.visitor(cookie), visitor, elsewhere.visitor(cookie)]
      await Promise.all(visitors.map((each, index) => each.put({ [`key${index}`]: index })))

      expect(await visitor.content()).toEqual({
        userId: 'ada',
        cart: ['kelp'],
        key0: 0,
        key1: 1,
        key2: 2,
        key3: 3,
      })
    } finally {
      await elsewhere.close()
    }
  })

  it.each(['at its first request', 'later'])('ends it for good: %s', async (when) => {
    if (when === 'later') await visitor.content()

    await visitor.visit((req) => ended(req.session))

    expect(await visitor.content()).toEqual({})
    expect(await site.visitor(cookie).content()).toEqual({})
  })

  it('leaves nothing in the store before, which could bring back what is revoked later', async () => {
    await visitor.content()
    const store = shore.open(kind, { migrateFrom: old })
    const [summary] = await store.sessionsOf('ada')

    expect(await listed(old)).toEqual({})
    await store.revoke(summary!.id)
    expect(await visitor.content()).toEqual({})
  })

  it('gives way to what another request made of it, though it is slow to answer', async () => {
    const siteBefore = await openSite({ store: old, cookie: { maxAge: HOUR } })
    const shopper = siteBefore.visitor()
    await shopper.put({ cart: ['kelp'] })
    const basket = await shopper.visit((req) => req.headers.cookie)
    await siteBefore.close()

    const { found, release } = old.holdNext()
    const slow = site.visitor(basket).content()
    await found
    await site.visitor(basket).put({ cart: ['kelp', 'salt'] })
    release()

    expect(await slow).toEqual({ cart: ['kelp', 'salt'] })
    expect(await site.visitor(basket).content()).toEqual({ cart: ['kelp', 'salt'] })
  })

  it('ends a session that it has never seen, in both', async () => {
    const store = shore.open(kind, { migrateFrom: old })
    const [sid = ''] = Object.keys(await listed(old))

    await store.destroy(sid)

    expect(await listed(old)).toEqual({})
    expect(await visitor.content()).toEqual({})
  })

  it('fails where the store before does, and logs nobody out', async () => {
    old.failure = new Error('The store before is down')

    const response = await visitor.request(() => 'never')

    expect(response.status).toBe(500)
    expect(response.headers['set-cookie']).toBeUndefined()
    old.failure = undefined
    expect(await visitor.content()).toEqual({ userId: 'ada', cart: ['kelp'] })
  })

  it('takes ENOENT of the store before for a missing session', async () => {
    old.failure = Object.assign(new Error('No such file'), { code: 'ENOENT' })

    expect(await visitor.content()).toEqual({})
  })

  it('asks the store before for nothing that it has itself', async () => {
    await visitor.content()
    old.failure = new Error('The store before is down')

    expect(await visitor.content()).toEqual({ userId: 'ada', cart: ['kelp'] })
  })
})

function listed(store: session.MemoryStore): Promise<object> {
  return new Promise((resolve, reject) => {
    store.all((error: Error | null, sessions) => (error ? reject(error) : resolve(sessions ?? {})))
  })
}
