import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { SessionData } from 'express-session'
import { ended, Gate, openSite, regenerated, reloaded, saved, stopped } from './site.js'
import type { Site, Visitor } from './site.js'
import { openShore, type Shore, type StoreKind } from './stores.js'

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
  { name: 'RedisFirstStore with a URL', kind: 'redis-url' },
]

type Touch = (
  sid: string,
  session: SessionData & { readonly req: IncomingMessage },
  callback: (error: unknown) => void,
) => void

let shore: Shore

beforeAll(async () => {
  shore = await openShore()
})

afterAll(() => shore.end())

describe.each(stores)('requests to a site with a $name', ({ kind }) => {
  let site: Site
  let visitor: Visitor

  beforeEach(async () => {
    site = await openSite({ store: shore.open(kind) })
    visitor = site.visitor()
  })

  afterEach(async () => {
    await site.close()
    await shore.empty()
  })

  const count = (from: Visitor) =>
    from.visit(({ session }) => {
      session['count'] = Number(session['count'] ?? 0) + 1
      return session['count']
    })

  it('count on after a restart', async () => {
    const counts = [await count(visitor), await count(visitor), await count(visitor)]
    const cookie = await visitor.visit((req) => req.headers.cookie)
    await site.close()
    site = await openSite({ store: shore.open(kind) })

    counts.push(await count(site.visitor(cookie)))

    expect(counts).toEqual([1, 2, 3, 4])
  })

  it('count for each visitor', async () => {
    await count(visitor)
    expect(await count(site.visitor())).toBe(1)
    expect(await count(visitor)).toBe(2)
  })

  it('that change nothing are answered in one piece: touched before anything is sent', async () => {
    const store = shore.open(kind)
    const touch = store.touch.bind(store) as Touch
    const held: unknown[] = []
    const watched: Touch = (sid, session, callback) => {
      touch(sid, session, (error) => {
        held.push(session.req.socket.writableCorked > 0)
        callback(error)
      })
    }
    store.touch = watched as typeof store.touch
    await site.close()
    site = await openSite({ store })
    visitor = site.visitor()
    await visitor.put({ visits: 1 })

    expect(await visitor.content()).toEqual({ visits: 1 })
    expect(held).toEqual([true])
  })

  it('that overlap both keep what they put under different keys', async () => {
    await visitor.put({ start: true })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      session['slow'] = 1
    })

    await visitor.put({ quick: 2 })
    await slow.finish()

    expect(await visitor.content()).toEqual({ start: true, slow: 1, quick: 2 })
  })

  it('that overlap keep a key deleted while another changed', async () => {
    await visitor.put({ flash: 'Welcome', visits: 1 })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      delete session['flash']
    })

    await visitor.put({ visits: 2 })
    await slow.finish()

    expect(await visitor.content()).toEqual({ visits: 2 })
  })

  it('that overlap at different sites keep both changes', async () => {
    await visitor.put({ start: true })
    const elsewhere = await openSite({ store: shore.open(kind) })
    try {
      const cookie = await visitor.visit((req) => req.headers.cookie)
      const slow = await stopped(elsewhere.visitor(cookie), new Gate(), ({ session }) => {
        session['elsewhere'] = 1
      })

      await visitor.put({ here: 2 })
      await slow.finish()

      expect(await visitor.content()).toEqual({ start: true, elsewhere: 1, here: 2 })
    } finally {
      await elsewhere.close()
    }
  })

  it('may save more than once, and lose nothing of others after a merge', async () => {
    await visitor.put({ start: true })
    const slow = await stopped(visitor, new Gate(), async ({ session }) => {
      session['first'] = 1
      await saved(session)
      session['second'] = 2
      await saved(session)
      session['third'] = 3
    })

    await visitor.put({ theirs: true })
    await slow.finish()

    expect(await visitor.content()).toEqual({
      start: true,
      theirs: true,
      first: 1,
      second: 2,
      third: 3,
    })
  })

  it('see by a reload what others saved, and build upon it', async () => {
    await visitor.put({ visits: 1 })
    const slow = await stopped(visitor, new Gate(), async (req) => {
      await reloaded(req.session)
      const seen = req.session['visits']
      req.session['reloaded'] = true
      return seen
    })

    await visitor.put({ visits: 2 })

    expect((await slow.finish()).body).toBe(2)
    expect(await visitor.content()).toEqual({ visits: 2, reloaded: true })
  })

  it('that fail to reload a session which ended are told so', async () => {
    await visitor.put({ visits: 1 })
    const slow = await stopped(visitor, new Gate(), ({ session }) =>
      reloaded(session).catch((error: unknown) => String(error)),
    )
    await visitor.visit(({ session }) => ended(session))

    expect((await slow.finish()).body).toBe('Error: failed to load session')
  })

  it('by the hundred lose nothing, each in a key of its own', async () => {
    await visitor.put({ start: true })
    const names = Array.from({ length: 100 }, (_, index) => `counter${index}`)

    await Promise.all(names.map((name) => visitor.put({ [name]: 1 })))

    const expected = Object.fromEntries(names.map((name) => [name, 1]))
    expect(await visitor.content()).toEqual({ start: true, ...expected })
  })

  it('that come late to a session which ended leave it so, whatever they do', async () => {
    await visitor.put({ userId: 'ada' })
    const cookie = await visitor.visit((req) => req.headers.cookie)
    const late = [
      await stopped(visitor, new Gate(), ({ session }) => {
        session['late'] = true
      }),
      await stopped(visitor, new Gate(), () => 'only a touch'),
      await stopped(visitor, new Gate(), ({ session }) => saved(session)),
      await stopped(visitor, new Gate(), ({ session }) => ended(session)),
      await stopped(visitor, new Gate(), ({ session }) => {
        session.cookie.maxAge = 86_400_000
      }),
    ]
    await visitor.visit(({ session }) => ended(session))

    for (const request of late) expect((await request.finish()).status).toBe(200)

    expect(await site.visitor(cookie).content()).toEqual({})
    expect(await shore.open(kind).length()).toBe(0)
  })

  it('that regenerate a session which ended get a new one, without what the old one held', async () => {
    await visitor.put({ userId: 'ada' })
    const cookie = await visitor.visit((req) => req.headers.cookie)
    const slow = await stopped(visitor, new Gate(), async (req) => {
      await regenerated(req.session)
      req.session['fresh'] = true
    })
    await visitor.visit(({ session }) => ended(session))

    await slow.finish()

    expect(await site.visitor(cookie).content()).toEqual({})
    expect(await visitor.content()).toEqual({ fresh: true })
  })
})
