import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { PrismaSessionStore, RedisFirstStore } from '../../../../src/doors/express/index.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'
import { Gate, openSite, stopped, type Site, type SiteOptions } from './site.js'
import { openShore, type Shore, type StoreOptions } from './stores.js'

const HOUR = 3_600_000
const encryption = { keys: { k1: 'kelp-and-salt-and-a-long-tide-0123456789' }, current: 'k1' }

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

async function open(given: StoreOptions, options: Partial<SiteOptions> = {}): Promise<Site> {
  const site = await openSite({ store: shore.open('redis', given), ...options })
  sites.push(site)
  return site
}

function keys(): Promise<string[]> {
  return shore.redis.keys(`${shore.prefix}*`)
}

describe('the device of a session', () => {
  const rows = () => shore.prisma.session.findMany({ select: { ip: true, userAgent: true } })
  const headers = { 'X-Forwarded-For': '203.0.113.7, 10.0.0.1', 'User-Agent': 'Shell/1.0' }

  const begin = async (given: StoreOptions, options?: Partial<SiteOptions>) => {
    const visitor = (await open(given, options)).visitor()
    await visitor.request(({ session }) => {
      session['began'] = true
    }, headers)
    return visitor
  }

  it('is where the connection came from, and what it calls itself', async () => {
    await begin({})
    expect(await rows()).toEqual([{ ip: '127.0.0.1', userAgent: 'Shell/1.0' }])
  })

  it('is whom a trusted proxy names', async () => {
    await begin({}, { trustProxy: true })
    expect(await rows()).toEqual([{ ip: '203.0.113.7', userAgent: 'Shell/1.0' }])
  })

  it('is nobody where a function knows none, and the session is stored', async () => {
    const visitor = await begin({ device: () => undefined as never })
    expect(await rows()).toEqual([{ ip: null, userAgent: null }])
    expect(await visitor.content()).toEqual({ began: true })
  })

  it('is nobody where it is turned off', async () => {
    await begin({ device: false })
    expect(await rows()).toEqual([{ ip: null, userAgent: null }])
  })

  it('is what a function of one’s own says', async () => {
    await begin({ device: (req) => ({ ip: 'hidden', userAgent: req.headers.host?.slice(0, 3) }) })
    expect(await rows()).toEqual([{ ip: 'hidden', userAgent: '127' }])
  })

  it('is cut to a length that no visitor decides', async () => {
    const visitor = (await open({})).visitor()
    await visitor.request(({ session }) => void (session['began'] = true), {
      'User-Agent': 'x'.repeat(5000),
    })
    expect((await rows())[0]!.userAgent).toHaveLength(512)
  })

  it('is asked for once, however often the session is saved', async () => {
    let asked = 0
    const visitor = await begin({ device: () => ({ ip: String(++asked), userAgent: undefined }) })
    await visitor.put({ userId: 'ada' })
    await visitor.put({ userId: 'eve' })

    expect(asked).toBe(1)
  })

  it('stays that which began it, and is listed', async () => {
    const visitor = await begin({})
    await visitor.put({ userId: 'ada' })

    const [summary] = await shore.open('redis').sessionsOf('ada')

    expect(summary).toMatchObject({ ip: '127.0.0.1', userAgent: 'Shell/1.0' })
  })
})

describe('names in Redis and Postgres', () => {
  it('are hashes of context and cookie’s id, under the prefix', async () => {
    const visitor = (await open({ context: 'admin' })).visitor()
    await visitor.put({ visits: 1 })
    const sid = await visitor.visit((req) => req.sessionID)
    const hash = createHash('sha256').update(`admin:${sid}`).digest('base64url')

    const [row] = await shore.prisma.session.findMany()

    expect(row).toMatchObject({ sessionId: hash, context: 'admin' })
    expect(await keys()).toEqual([`${shore.prefix}admin:${hash}`])
    expect(JSON.stringify(row)).not.toContain(sid)
    expect(await shore.redis.get(`${shore.prefix}admin:${hash}`)).not.toContain(sid)
  })

  it('are plain behind their context with hashSessionIds: false', async () => {
    const visitor = (await open({ hashSessionIds: false })).visitor()
    await visitor.put({ visits: 1 })
    const sid = await visitor.visit((req) => req.sessionID)

    expect((await shore.prisma.session.findFirstOrThrow()).sessionId).toBe(`web:${sid}`)
    expect(await visitor.content()).toEqual({ visits: 1 })
  })
})

describe('encryption', () => {
  it('leaves nothing to read in Redis or Postgres, and requests still merge', async () => {
    const visitor = (await open({ encryption })).visitor()
    await visitor.put({ secret: 'under the stone' })
    const slow = await stopped(visitor, new Gate(), ({ session }) => {
      session['slow'] = 1
    })

    await visitor.put({ quick: 2 })
    await slow.finish()

    expect(await visitor.content()).toEqual({ secret: 'under the stone', slow: 1, quick: 2 })
    const [key] = await keys()
    const held = [await shore.redis.get(key!), (await shore.prisma.session.findFirst())?.data]
    for (const text of held) expect(text).toContain('hf1.k1.')
    expect(held.join()).not.toContain('stone')
  })

  it('fails a visitor whose session was sealed with a key that is gone, and logs nobody out', async () => {
    const visitor = (await open({ encryption })).visitor()
    await visitor.put({ visits: 1 })
    const cookie = await visitor.visit((req) => req.headers.cookie)
    const other = { keys: { k2: 'another-tide-and-salt-and-kelp-9876543210' }, current: 'k2' }

    const response = await (await open({ encryption: other })).visitor(cookie).request(() => 'no')

    expect(response.status).toBe(500)
    expect(response.body).toEqual({ code: 'ERR_UNKNOWN_KEY' })
    expect(response.headers['set-cookie']).toBeUndefined()
  })
})

describe('tables elsewhere', () => {
  it('are created with their schema, by several at once, and kept apart in Redis', async () => {
    const [redis, prefix] = [sharedRedisUrl(), freshPrefix()]
    const place = { schema: 'harbour', table: 'logins', createTables: true } as const
    const common = { redis, prisma: shore.prisma, prefix, redisTimeout: '5s' } as const
    const stores = [1, 2, 3].map(() => new RedisFirstStore({ ...common, ...place }))
    const elsewhere = new RedisFirstStore(common)
    try {
      await Promise.all(stores.map((store) => store.ready()))
      const cookie = { originalMaxAge: HOUR } as never
      await stores[0]!.set('one', { cookie, of: 'harbour' } as never)

      expect(await stores[1]!.get('one')).toMatchObject({ of: 'harbour' })
      expect(await elsewhere.get('one')).toBeNull()
      const found = await shore.prisma.$queryRawUnsafe('select "sessionId" from harbour.logins')
      expect(found).toHaveLength(1)
    } finally {
      await Promise.all([...stores, elsewhere].map((store) => store.close()))
    }
  })

  it('that are missing are an error which says what to do', async () => {
    const store = new PrismaSessionStore(shore.prisma, { table: 'nowhere' })
    await expect(store.ready()).rejects.toMatchObject({ code: 'ERR_MIGRATION_REQUIRED' })
    await expect(store.get('one')).rejects.toThrow(/nowhere.*createTables: true/)
    await store.close()
  })
})

describe('a limit to how long a session may live', () => {
  it('ends with a visitor who never leaves', async () => {
    const site = await open({ absoluteTtl: '1h', touchEvery: 0 }, { cookie: { maxAge: 9 * HOUR } })
    const visitor = site.visitor()
    await visitor.put({ visits: 1 })
    await visitor.put({ visits: 2 })
    await visitor.content()

    const row = await shore.prisma.session.findFirstOrThrow()

    expect(Number(row.expiresAt)).toBe(Number(row.absoluteExpiresAt))
    expect(Math.abs(Number(row.expiresAt) - Date.now() - HOUR)).toBeLessThan(10_000)
  })
})
