import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { createApp } from '../../examples/express-app/app.js'
import { openStorage, type Storage } from '../../examples/express-app/storage.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../services.js'
import { Visitor } from './express-app.js'

const login = { body: { user: 'ada' } }
let postgres: PostgresServer
let redis: RedisServer
let storage: Storage
let server: Server
let site: { readonly url: string }

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  for (const method of ['warn', 'error'] as const) jest.spyOn(console, method).mockReturnValue()
  const settings = {
    isProduction: false,
    port: 0,
    databaseUrl: await postgres.createDatabase(),
    redisUrl: redis.url,
    dataFolder: tmpdir(),
    secrets: { all: ['Jx2r-8Vq0cWkZ5tN7yLbE1mHsP4uGdAf9QoRiT6X'] },
    trustProxy: false as const,
  }
  storage = await openStorage(settings)
  const app = createApp({ settings, store: storage.store, publicFolder: tmpdir() })
  // As a test, Express would print no stack whatever happens.
  app.set('env', 'development')
  server = createServer(app)
  await once(server.listen(0), 'listening')
  site = { url: `http://localhost:${(server.address() as AddressInfo).port}` }
})

afterAll(async () => {
  server.close()
  await storage.close()
  await Promise.all([postgres.stop(), redis.stop()])
  jest.restoreAllMocks()
})

describe('the example while Postgres is away', () => {
  let ada: Visitor

  beforeAll(async () => {
    ada = new Visitor(site)
    await ada.visit()
    await ada.visit()
    await ada.visit()
    await ada.ask('POST /login', login)
    await postgres.kill()
  })

  it('answers who is logged in from Redis', async () => {
    expect((await ada.ask('GET /me')).body).toMatchObject({ user: 'ada', visits: 3, tier: 'redis' })
  })

  it('fails a login, and leaves the cookie as it is', async () => {
    const { status, headers } = await ada.ask('POST /login', { body: { user: 'grace' } })

    expect(status).toBe(503)
    expect(headers.getSetCookie()).toEqual([])
  })

  it('goes on serving the session that the failed login would have ended', async () => {
    expect((await ada.ask('GET /me')).body).toMatchObject({ user: 'ada', visits: 3 })
  })

  it.each([
    ['GET /api/session/test-session', {}],
    ['POST /login', login],
  ])('gives a new visitor no cookie of what it could not store: %s', async (route, request) => {
    const { status, headers } = await new Visitor(site).ask(route, request)

    expect(status).toBe(503)
    expect(headers.getSetCookie()).toEqual([])
  })

  it('prints the stack of nothing: an outage is expected', () => {
    expect(jest.mocked(console.error)).not.toHaveBeenCalled()
  })

  it('counts on for who was logged in when Postgres is back', async () => {
    await postgres.restart()
    const answer = await ada.ask('GET /api/session/test-session')

    expect(answer).toMatchObject({ status: 200, body: { user: 'ada', visits: 4 } })
  })
})
