import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PrismaSessionStore } from '../../../../src/doors/express/index.js'
import { startPostgres, type PostgresServer } from '../../../services.js'
import { openSite, saved, type Site, type Visitor } from './site.js'

let postgres: PostgresServer
let prisma: PrismaClient
let store: PrismaSessionStore
let site: Site
let visitor: Visitor

beforeAll(async () => {
  postgres = await startPostgres()
  const connectionString = await postgres.createDatabase()
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
  store = new PrismaSessionStore(prisma, { createTables: true })
  site = await openSite({ store, rolling: true, cookie: { maxAge: 3_600_000 } })
  visitor = site.visitor()
  await visitor.put({ userId: 'ada' })
})

afterAll(async () => {
  await site.close()
  await store.close()
  await prisma.$disconnect()
  await postgres.stop()
})

describe('while the database is down', () => {
  beforeAll(() => postgres.kill())

  it('a visitor with a session gets an error, and keeps the cookie', async () => {
    const response = await visitor.request(() => 'never')

    expect(response.status).toBe(500)
    expect(response.body).toEqual({ code: 'ERR_LEDGER_UNAVAILABLE' })
    expect(response.headers['set-cookie']).toBeUndefined()
  })

  it('a visitor without one is served, until there is something to keep', async () => {
    const anonymous = site.visitor()

    expect(await anonymous.visit(() => 'hello')).toBe('hello')
    const response = await anonymous.request(async (req) => {
      req.session['userId'] = 'bob'
      await saved(req.session)
    })

    expect(response.status).toBe(500)
    expect(response.body).toEqual({ code: 'ERR_LEDGER_UNAVAILABLE' })
  })

  it('health says so, and does not fail', async () => {
    expect(await store.health()).toMatchObject({
      status: 'down',
      ledger: { name: 'postgres', isReachable: false },
    })
  })
})

describe('when the database is back', () => {
  beforeAll(() => postgres.restart())

  it('the visitor is logged in as before', async () => {
    expect(await visitor.content()).toEqual({ userId: 'ada' })
  })
})
