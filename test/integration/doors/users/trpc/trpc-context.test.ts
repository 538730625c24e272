import { createTRPCClient, httpBatchStreamLink } from '@trpc/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createTrpcContext, UserManagerFactory, type TrpcContextOptions } from 'holdfast/users'
import { adapters } from './trpc-adapters.js'
import { contextOf, CountingManager, failureOf, siteRouter } from './trpc-site.js'

const manager = new CountingManager()
let sessionId = ''

beforeAll(async () => {
  sessionId = await manager.login()
})
beforeEach(() => {
  manager.lookups = 0
})
afterAll(() => manager.engine.close())

function aRequest(headers: Record<string, string> = {}) {
  return { req: new Request('http://x', { headers }), resHeaders: new Headers() }
}

const withCookie = () => aRequest({ cookie: `sessionId=${sessionId}` })

describe('the context of a request', () => {
  it('holds what document 001 names, and the public id', async () => {
    const source = aRequest({
      cookie: `sessionId=${sessionId}`,
      'accept-language': 'de',
      'x-forwarded-for': '203.0.113.7',
      'user-agent': 'Shell/1.0',
    })
    const context = await contextOf(manager, { trustProxy: 1, locales: ['en', 'de'] })(source)

    expect(context).toMatchObject({
      req: source.req,
      res: source.resHeaders,
      ip: '203.0.113.7',
      userAgent: 'Shell/1.0',
      authState: 'authenticated',
      user: { id: 'user-0' },
      sessionId,
      publicId: manager.engine.idOf(sessionId),
      locale: 'de',
    })
    expect(context.getErrorMessage('FORBIDDEN')).toBe('This is not for you')
  })

  it('is anonymous, in English and from nowhere where the request tells nothing', async () => {
    expect(await contextOf(manager)(aRequest())).toMatchObject({
      authState: 'anonymous',
      user: null,
      sessionId: undefined,
      publicId: undefined,
      ip: undefined,
      locale: 'en',
    })
  })

  it('asks once for two adapters over one request, and gives each its own response', async () => {
    const createContext = contextOf(manager)
    const first = withCookie()
    const second = { ...first, resHeaders: new Headers() }
    const contexts = await Promise.all([createContext(first), createContext(second)])
    contexts[1].setSessionCookie('an-id')

    expect(manager.lookups).toBe(1)
    expect(first.resHeaders.get('Set-Cookie')).toBeNull()
    expect(second.resHeaders.get('Set-Cookie')).toContain('an-id')
  })

  it('asks anew for the next request', async () => {
    const createContext = contextOf(manager)
    await createContext(withCookie())
    await createContext(withCookie())

    expect(manager.lookups).toBe(2)
  })

  it('reads and sets the cookie of production where it is told to', async () => {
    const source = aRequest({ cookie: `__Host-sessionId=${sessionId}; sessionId=planted` })
    const context = await contextOf(manager, { cookie: { isProduction: true } })(source)
    context.clearSessionCookie()

    expect(context.authState).toBe('authenticated')
    expect(source.resHeaders.getSetCookie()).toEqual([
      '__Host-sessionId=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    ])
  })
})

describe('the manager of a context', () => {
  it.each([
    ['itself', manager],
    ['a promise', Promise.resolve(manager)],
    ['a function', () => manager],
    ['a function that takes its time', async () => manager],
  ])('is given as %s', async (_how, given) => {
    const context = await createTrpcContext({ manager: given })(withCookie())

    expect(context.user).toMatchObject({ id: 'user-0' })
  })

  it('is not asked for where a request brings no session', async () => {
    const never = () => expect(true).toBe(false) as never

    expect(await createTrpcContext({ manager: never })(aRequest())).toMatchObject({
      authState: 'anonymous',
    })
  })

  it('may have no engine: there is no public id then', async () => {
    const findBySessionId = (id: string) => manager.findBySessionId(id)
    const context = await createTrpcContext({ manager: { findBySessionId } })(withCookie())

    expect(context).toMatchObject({ authState: 'authenticated', publicId: undefined })
  })

  it('fails the request by what is no outage', async () => {
    const broken = () => Promise.reject(new TypeError('broken'))

    await expect(createTrpcContext({ manager: broken })(withCookie())).rejects.toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'Something went wrong here',
      cause: { message: 'broken' },
    })
  })
})

describe('the manager that the environment names', () => {
  afterAll(() => UserManagerFactory.clearCache())

  it('is asked where no other is given', async () => {
    const own = await UserManagerFactory.create()
    const { id } = await own.create({ email: 'ada@example.com' })
    const cookie = `sessionId=${await own.createSession(id, { ip: '::1' })}`
    const context = await createTrpcContext()(aRequest({ cookie }))

    expect(context).toMatchObject({ authState: 'authenticated', user: { id } })
    expect(context.publicId).toBe((await own.listSessions(id))[0]?.id)
  })

  it('makes nobody anonymous while it can not be made', async () => {
    const config = {
      environment: 'production',
      databaseUrl: 'postgres://somebody@127.0.0.1:1/app',
      redisUrl: 'redis://127.0.0.1:1',
    } as const
    const createContext = createTrpcContext({ manager: () => UserManagerFactory.create(config) })

    expect(await createContext(withCookie())).toMatchObject({ authState: 'unavailable' })
  })
})

describe('the options of a context', () => {
  it.each<[string, object]>([
    ['manager', { manager: {} }],
    ['trustProxy', { manager, trustProxy: true }],
    ['trustProxy', { manager, trustProxy: -1 }],
    ['locales', { manager, locales: [] }],
    ['locales', { manager, locales: ['en', ''] }],
    ['messages', { manager, messages: 'text' }],
    ['isProduction', { manager, cookie: { isProduction: 'yes' } }],
    ['nonsense', { manager, nonsense: 1 }],
  ])('are refused at once, and %s is named', (name, options) => {
    expect(() => createTrpcContext(options as TrpcContextOptions)).toThrow(`'${name}'`)
  })
})

describe.each(adapters)('a streamed answer over %s', (_name, serve) => {
  it('sets no cookie, and says so', async () => {
    const server = await serve({ router: siteRouter(manager), createContext: contextOf(manager) })
    const fetchIt = server.fetch as never
    const link = httpBatchStreamLink({ url: server.url, fetch: fetchIt })
    const api = createTRPCClient<ReturnType<typeof siteRouter>>({ links: [link] })
    const failure = await failureOf(api.begin.mutate('an-id'))
    await server.close()

    expect(failure.message).toContain('httpBatchLink')
  })
})
