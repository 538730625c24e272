import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { cookieOf, ended, Gate, openSite, regenerated, saved, stopped } from './site.js'
import type { Site, SiteRequest, Visitor } from './site.js'
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

/** What passport's session manager does at `req.logIn`: a new id, then the user, then a save. */
async function logIn(req: SiteRequest, user: string): Promise<void> {
  await regenerated(req.session)
  req.session['passport'] = { user }
  await saved(req.session)
}

/** What it does at `req.logOut`. */
async function logOut(req: SiteRequest): Promise<void> {
  req.session['passport'] = {}
  await saved(req.session)
  await regenerated(req.session)
}

describe.each(stores)('a login with a $name', ({ kind }) => {
  let site: Site
  let visitor: Visitor
  const cookieIn = (of: Visitor) => of.visit((req) => req.headers.cookie)

  beforeEach(async () => {
    site = await openSite({ store: shore.open(kind) })
    visitor = site.visitor()
  })

  afterEach(async () => {
    await site.close()
    await shore.empty()
  })

  it('gives a new id, and the one from before is nobody’s', async () => {
    await visitor.put({ cart: ['kelp'] })
    const before = await cookieIn(visitor)

    await visitor.visit((req) => logIn(req, 'ada'))

    expect(await cookieIn(visitor)).not.toBe(before)
    expect(await visitor.content()).toEqual({ passport: { user: 'ada' } })
    expect(await site.visitor(before).content()).toEqual({})
  })

  it('ends with the logout, for a request that comes late as well', async () => {
    await visitor.visit((req) => logIn(req, 'ada'))
    const cookie = await cookieIn(visitor)
    const late = await stopped(visitor, new Gate(), ({ session }) => {
      session['late'] = true
    })

    await visitor.visit(logOut)
    await late.finish()

    expect(await site.visitor(cookie).content()).toEqual({})
    expect(await shore.open(kind).sessionsOf('ada')).toEqual([])
  })

  it('is not undone by a slow request that began before it', async () => {
    await visitor.put({ cart: ['kelp'] })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      session['cart'] = []
    })

    await visitor.put({ userId: 'ada' })
    await slow.finish()

    expect(await visitor.content()).toEqual({ cart: ['kelp'], userId: 'ada' })
  })

  it('can be ended everywhere else', async () => {
    const store = shore.open(kind)
    const [phone, desktop] = [site.visitor(), site.visitor()]
    for (const each of [phone, desktop, visitor]) await each.visit((req) => logIn(req, 'ada'))

    const ended = await visitor.visit((req) => store.destroyUser('ada', { except: req.sessionID }))

    expect(ended).toBe(2)
    expect(await phone.content()).toEqual({})
    expect(await desktop.content()).toEqual({})
    expect(await visitor.content()).toEqual({ passport: { user: 'ada' } })
  })

  it('can be revoked by what a list shows', async () => {
    const store = shore.open(kind)
    await visitor.visit((req) => logIn(req, 'ada'))
    const [summary] = await store.sessionsOf('ada')

    expect(await store.revoke(summary!.id)).toBe(true)

    expect(await visitor.content()).toEqual({})
  })

  it('is seen by a redirect that is followed before the response has ended', async () => {
    const gate = new Gate()
    const slow = {
      async $queryRawUnsafe(text: string, ...params: unknown[]) {
        if (text.includes('insert into "sessions"')) await gate.pass()
        return shore.prisma.$queryRawUnsafe(text, ...params)
      },
    }
    const slowSite = await openSite({
      store: shore.open(kind, {}, slow),
      before: (app) =>
        app.use((req, _res, next) => {
          next()
          if (req.headers.cookie) gate.open()
        }),
    })
    try {
      const login = await slowSite.visitor().begin((req, res) => {
        req.session['userId'] = 'ada'
        res.redirect('/home')
      })
      await gate.reached

      const followed = slowSite.visitor(cookieOf(login)).content()

      expect(login.complete).toBe(false)
      expect(await followed).toEqual({ userId: 'ada' })
      login.resume()
      await once(login, 'end')
    } finally {
      await slowSite.close()
    }
  })

  it('survives that the session is destroyed twice', async () => {
    await visitor.put({ userId: 'ada' })

    const answer = await visitor.visit(async ({ session }) => {
      await ended(session)
      await ended(session)
      return 'ended'
    })

    expect(answer).toBe('ended')
    expect(await visitor.content()).toEqual({})
  })
})
