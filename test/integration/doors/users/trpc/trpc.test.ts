import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { adapters, otherCookie, type TrpcServer } from './trpc-adapters.js'
import { contextOf, CountingManager, failureOf, siteRouter, Visitor } from './trpc-site.js'

describe.each(adapters)('a tRPC server over %s', (_name, serve) => {
  const manager = new CountingManager()
  let server: TrpcServer
  let cookie = ''

  beforeAll(async () => {
    const createContext = contextOf(manager, {
      locales: ['en', 'de'],
      messages: { de: { UNAUTHORIZED: 'Bitte anmelden' } },
    })
    server = await serve({ router: siteRouter(manager), createContext })
    cookie = `sessionId=${await manager.login()}`
  })
  beforeEach(() => {
    manager.lookups = 0
  })
  afterAll(async () => {
    await server.close()
    await manager.engine.close()
  })

  it('knows who is logged in by the cookie, or by a Bearer token', async () => {
    const [, token] = cookie.split('=')
    const [byCookie, byToken] = [{ cookie }, { authorization: `Bearer ${token}` }].map((headers) =>
      new Visitor(server, headers).api.me.query(),
    )

    expect(await byCookie).toMatchObject({ id: 'user-0', state: 'authenticated' })
    expect(await byToken).toEqual(await byCookie)
  })

  it('tells a procedure all of the user but the password', async () => {
    const visitor = new Visitor(server, { cookie })

    expect(await visitor.api.me.query()).not.toHaveProperty('hashedPassword')
  })

  it('answers nobody in particular with UNAUTHORIZED, in the visitor’s language', async () => {
    const visitor = new Visitor(server, { 'accept-language': 'de-AT' })

    expect(await failureOf(visitor.api.me.query())).toEqual({
      code: 'UNAUTHORIZED',
      message: 'Bitte anmelden',
    })
    expect(visitor.status).toBe(401)
    expect(manager.lookups).toBe(0)
  })

  it('leaves the cookie of a session that is no more', async () => {
    const visitor = new Visitor(server, { cookie: 'sessionId=ended-long-ago' })

    expect(await failureOf(visitor.api.me.query())).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(visitor.cookies).toEqual([otherCookie])
  })

  it.each([
    { cookie: 'sessionId=one; sessionId=two' },
    { cookie: 'sessionId=one', authorization: 'Bearer two' },
    { authorization: 'Bearer one two' },
  ])('refuses a request that names no session clearly: %j', async (headers) => {
    const visitor = new Visitor(server, headers)

    expect(await failureOf(visitor.api.state.query())).toMatchObject({ code: 'BAD_REQUEST' })
    expect(visitor.status).toBe(400)
    expect(manager.lookups).toBe(0)
  })

  it('looks a session up once for a batch of ten', async () => {
    const visitor = new Visitor(server, { cookie })
    const ten = Array.from({ length: 10 }, (_, index) => visitor.api.me.query(index))

    expect(await Promise.all(ten)).toHaveLength(10)
    expect(manager.lookups).toBe(1)
  })

  it('sets the cookie beside another, and clears it', async () => {
    const visitor = new Visitor(server)
    await visitor.api.begin.mutate('an-id')
    const begun = visitor.cookies
    await visitor.api.end.mutate()

    expect(begun).toEqual([
      otherCookie,
      'sessionId=an-id; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    ])
    expect(visitor.cookies).toEqual([
      otherCookie,
      'sessionId=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    ])
  })

  it('sets each cookie of a batch', async () => {
    const visitor = new Visitor(server)
    await Promise.all([visitor.api.begin.mutate('one'), visitor.api.begin.mutate('two')])

    expect(visitor.cookies.map((each) => each.split(';')[0])).toEqual([
      'theme=dark',
      'sessionId=one',
      'sessionId=two',
    ])
  })

  it('lets in who has the role, and forbids it to others', async () => {
    const admin = new Visitor(server, { cookie: `sessionId=${await manager.login('ADMIN')}` })
    const user = new Visitor(server, { cookie })

    expect(await admin.api.onlyAdmins.query()).toBe('ADMIN')
    expect(await failureOf(user.api.onlyAdmins.query())).toMatchObject({ code: 'FORBIDDEN' })
    expect(await failureOf(new Visitor(server).api.onlyAdmins.query())).toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })

  it('leaves an error of a procedure’s own as it is', async () => {
    const visitor = new Visitor(server, { cookie })

    expect(await failureOf(visitor.api.fail.query())).toEqual({
      code: 'CONFLICT',
      message: 'As I said',
    })
  })

  describe('while the sessions are away', () => {
    beforeAll(() => manager.ledger.chaos.fail())
    afterAll(() => manager.ledger.chaos.heal())

    it.each(['me', 'onlyAdmins'] as const)(
      'answers SERVICE_UNAVAILABLE, and leaves the cookie: %s',
      async (procedure) => {
        const visitor = new Visitor(server, { cookie })

        expect(await failureOf(visitor.api[procedure].query())).toEqual({
          code: 'SERVICE_UNAVAILABLE',
          message: 'This can not be told just now, please try again',
        })
        expect(visitor.status).toBe(503)
        expect(visitor.cookies).toEqual([otherCookie])
      },
    )

    it('serves what anybody may see, and says that it can not tell who it is', async () => {
      const visitor = new Visitor(server, { cookie })

      expect(await visitor.api.state.query()).toMatchObject({
        authState: 'unavailable',
        user: null,
      })
    })

    it('answers UNAUTHORIZED to who brings no session', async () => {
      const { code } = await failureOf(new Visitor(server).api.me.query())

      expect(code).toBe('UNAUTHORIZED')
    })

    it('answers SERVICE_UNAVAILABLE where a procedure for anybody needs them', async () => {
      const visitor = new Visitor(server)

      expect(await failureOf(visitor.api.countForAnybody.query())).toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        message: 'This can not be told just now, please try again',
      })
    })
  })

  it('answers SERVICE_UNAVAILABLE where the sessions go away meanwhile', async () => {
    manager.ledger.chaos.fail(['list'])
    const { code } = await failureOf(new Visitor(server, { cookie }).api.count.query())
    manager.ledger.chaos.heal()

    expect(code).toBe('SERVICE_UNAVAILABLE')
  })

  it('lets the same cookie in again afterwards', async () => {
    expect(await new Visitor(server, { cookie }).api.me.query()).toMatchObject({ id: 'user-0' })
  })
})
