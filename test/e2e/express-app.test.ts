import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freshDatabase, sharedRedisUrl, type FreshDatabase } from '../services.js'
import { expressApp, runToEnd, Visitor, type RunningApp, type View } from './express-app.js'

const goodSecret = 'Jx2r-8Vq0cWkZ5tN7yLbE1mHsP4uGdAf9QoRiT6X'
const running: RunningApp[] = []
const folder = mkdtempSync(join(tmpdir(), 'holdfast-example-'))

async function start(environment: Record<string, string>): Promise<RunningApp> {
  const app = await expressApp.start(environment)
  running.push(app)
  return app
}

beforeAll(() => expressApp.build(), 120_000)

afterAll(async () => {
  await Promise.all(running.map((app) => app.stop('SIGKILL')))
  await rm(folder, { recursive: true, force: true })
})

describe('the example as it is started here', () => {
  it.each(['', 'embedded', './embedded'])('is never given the data folder %j', async (relative) => {
    await expect(runToEnd({ PORT: '0', DATA_DIR: relative })).rejects.toThrow('is relative')
  })
})

describe('the example with nothing configured', () => {
  let app: RunningApp
  const environment = () => ({ DATA_DIR: join(folder, 'embedded') })

  // A Postgres that is new has to be made first: that alone takes many seconds of a machine that is busy.
  beforeAll(async () => {
    app = await start(environment())
  }, 90_000)

  it('counts a visitor on across a restart, and drains on SIGTERM', async () => {
    const visitor = new Visitor(app)
    const counts = [await visitor.visit(), await visitor.visit(), await visitor.visit()]
    const ended = await app.stop('SIGTERM')
    app = await start(environment())
    const after = await visitor.at(app).visit()

    expect(counts.map(({ visits }) => visits)).toEqual([1, 2, 3])
    expect(counts.map(({ tier }) => tier)).toEqual([null, 'postgres', 'postgres'])
    expect(ended.status).toBe(0)
    expect(ended.output).toContain('embedded Postgres')
    expect(after).toMatchObject({ visits: 4, sessionId: counts[0]!.sessionId })
  })

  it('starts again after it was killed', async () => {
    const visitor = new Visitor(app)
    await visitor.visit()
    await app.stop('SIGKILL')
    app = await start(environment())

    expect(await visitor.at(app).visit()).toMatchObject({ visits: 2 })
  })

  it('serves a page whose policy allows no inline script or style', async () => {
    const page = await fetch(app.url)
    const policy = page.headers.get('content-security-policy') ?? ''

    expect(page.status).toBe(200)
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe-inline')
    expect(await page.text()).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/)
  })

  it('says in one line that a port is taken, and leaves nothing behind', async () => {
    const dataFolder = join(folder, 'taken')
    const { status, output } = await runToEnd({ PORT: app.port, DATA_DIR: dataFolder })

    expect(status).toBe(1)
    expect(output).toBe(
      `Port ${app.port} is taken: set PORT to another, or to 0 for any that is free\n`,
    )
    expect(await readdir(dataFolder)).toEqual(['session-secret'])
  })

  it('ends with 0 and at once for two signals, though a browser holds a spare connection', async () => {
    const spare = connect(Number(app.port), 'localhost')
    await once(spare, 'connect')
    const since = performance.now()
    const [ended] = await Promise.all([app.stop('SIGINT'), app.stop('SIGTERM')])
    const took = performance.now() - since
    app = await start(environment())

    expect(ended.status).toBe(0)
    expect(took).toBeLessThan(3000)
  })

  it('does not open a data folder that another process uses', async () => {
    const { status, output } = await runToEnd({ PORT: '0', ...environment() })

    expect(status).toBe(1)
    expect(output).toMatch(/is used by process \d+/)
  })
})

describe('the example on Postgres and Redis', () => {
  let database: FreshDatabase
  let app: RunningApp
  const environment = () => ({
    DATABASE_URL: database.url,
    REDIS_URL: sharedRedisUrl(),
    SESSION_SECRET: goodSecret,
    DATA_DIR: join(folder, 'servers'),
  })

  beforeAll(async () => {
    database = await freshDatabase()
    app = await start(environment())
  })
  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop()))
    await database.drop()
  })

  it('counts a visitor on across a restart, and is answered by Redis', async () => {
    const visitor = new Visitor(app)
    const counts = [await visitor.visit(), await visitor.visit(), await visitor.visit()]
    const { status } = await app.stop('SIGINT')
    app = await start(environment())

    expect(counts.map(({ visits }) => visits)).toEqual([1, 2, 3])
    expect(counts.map(({ tier }) => tier)).toEqual([null, 'redis', 'redis'])
    expect(status).toBe(0)
    expect(await visitor.at(app).visit()).toMatchObject({ visits: 4 })
  })

  it('shares sessions between two instances', async () => {
    const other = await start(environment())
    const visitor = new Visitor(app)
    await visitor.ask('POST /login', { body: { user: 'ada' } })
    const elsewhere = visitor.at(other)

    expect((await elsewhere.ask('GET /me')).body).toMatchObject({ user: 'ada' })
    await elsewhere.ask('POST /logout')
    const afterwards = await visitor.ask('GET /me')
    expect(afterwards).toMatchObject({ status: 401, body: { sessionId: null, visits: 0 } })
    expect((await other.stop()).status).toBe(0)
  })

  it('gives a new id at login, keeps what was in the session, and ends it at logout', async () => {
    const visitor = new Visitor(app)
    const anonymous = await visitor.visit()
    const before = visitor.at(app)
    expect((await visitor.ask('GET /me')).status).toBe(401)

    const login = await visitor.ask<View>('POST /login', { body: { user: 'ada' } })
    expect(login.body).toMatchObject({ user: 'ada', visits: 1 })
    expect(login.body.sessionId).not.toBe(anonymous.sessionId)
    expect(visitor.cookieId).not.toBe(before.cookieId)
    expect((await before.visit()).visits).toBe(1)
    expect((await visitor.ask('GET /me')).body).toMatchObject({ user: 'ada' })

    const loggedIn = visitor.at(app)
    const logout = await visitor.ask('POST /logout')
    expect(logout.headers.getSetCookie()[0]).toMatch(/^sid=;.*Expires=Thu, 01 Jan 1970/)
    expect((await loggedIn.ask('GET /me')).status).toBe(401)
  })

  it('lists public ids, and the id of no cookie', async () => {
    const visitor = new Visitor(app)
    const { sessionId } = await visitor.visit()
    const { body } = await visitor.ask<{ sessions: object[] }>('GET /api/session/sessions')

    expect(visitor.cookieId.length).toBeGreaterThan(20)
    expect(JSON.stringify(body)).not.toContain(visitor.cookieId)
    expect(body.sessions).toContainEqual(expect.objectContaining({ id: sessionId, isYours: true }))
    const known = ['id', 'userId', 'createdAt', 'lastSeenAt', 'expiresAt', 'isYours']
    expect(new Set(body.sessions.flatMap(Object.keys))).toEqual(new Set(known))
  })

  it('ends all sessions for its own page, and answers how many', async () => {
    await new Visitor(app).visit()
    const headers = { 'Sec-Fetch-Site': 'same-origin', Origin: app.url }
    const visitor = new Visitor(app, headers)
    await visitor.visit()
    const { removed } = (await visitor.ask<{ removed: number }>('DELETE /api/session/sessions'))
      .body

    expect(removed).toBeGreaterThanOrEqual(2)
    expect((await visitor.ask('GET /api/session/sessions')).body).toMatchObject({ count: 0 })
    expect(await visitor.visit()).toMatchObject({ visits: 1, tier: null })
  })

  it('names both tiers while it is healthy', async () => {
    const { status, body } = await new Visitor(app).ask('GET /healthz')

    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'ok',
      tiers: [
        { name: 'redis', isReachable: true },
        { name: 'postgres', isReachable: true },
      ],
    })
  })

  it('starts without Redis, says so, and serves', async () => {
    const degraded = await start({ ...environment(), REDIS_URL: 'redis://127.0.0.1:1' })
    const visitor = new Visitor(degraded)
    const counts = [await visitor.visit(), await visitor.visit()]
    const { body } = await visitor.ask('GET /healthz')
    const { output } = await degraded.stop()

    expect(counts.map(({ visits, tier }) => [visits, tier])).toEqual([
      [1, null],
      [2, 'postgres'],
    ])
    expect(body).toMatchObject({ status: 'degraded' })
    expect(output).toContain('Redis does not answer')
  })
})

describe('the example in production', () => {
  let database: FreshDatabase
  let app: RunningApp
  const environment = () => ({
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    SESSION_SECRET: goodSecret,
    TRUST_PROXY: '1',
  })

  beforeAll(async () => {
    database = await freshDatabase()
    app = await start(environment())
  })
  afterAll(async () => {
    await app.stop()
    await database.drop()
  })

  it('sets a cookie that is Secure, HttpOnly and SameSite=Lax, for a day', async () => {
    const visitor = new Visitor(app, { 'X-Forwarded-Proto': 'https' })
    const { headers } = await visitor.ask('GET /api/session/test-session')
    const cookie = headers.getSetCookie()[0] ?? ''
    const days = (Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '') - Date.now()) / 86_400_000

    expect(cookie).toMatch(/^__Host-sid=.*; Path=\/;.*; HttpOnly; Secure; SameSite=Lax$/)
    expect(days).toBeCloseTo(1, 2)
  })

  it.each(['GET', 'DELETE'])('has no list of sessions: %s is a 404', async (method) => {
    const answer = await new Visitor(app).ask(`${method} /api/session/sessions`)

    expect(answer).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } })
  })

  it('answers an outage with 503, no stack trace and no cleared cookie', async () => {
    const visitor = new Visitor(app, { 'X-Forwarded-Proto': 'https' })
    await visitor.ask('POST /login', { body: { user: 'ada' } })
    await database.drop()
    const { status, headers, body } = await visitor.ask('GET /me')

    expect(status).toBe(503)
    expect(headers.getSetCookie()).toEqual([])
    expect(Object.keys(body)).toEqual(['error', 'message'])
    expect((await visitor.ask('GET /healthz')).status).toBe(503)
  })

  it('refuses a secret that is a placeholder, in one line', async () => {
    const secret = 'your-secure-session-secret-your-secure-session-secret'
    const { status, output } = await runToEnd({ ...environment(), SESSION_SECRET: secret })

    expect(status).toBe(1)
    expect(output).toMatch(/^SESSION_SECRET is a placeholder: .*\n$/)
  })
})

describe('the example without its database', () => {
  const environment = {
    PORT: '0',
    DATABASE_URL: 'postgres://someone:of-the-night@127.0.0.1:1/app',
    SESSION_SECRET: goodSecret,
  }

  it('waits a few seconds, then says what is out of reach and not its password', async () => {
    const { status, output } = await runToEnd(environment)

    expect(status).toBe(1)
    expect(output).toMatch(/Postgres at 127\.0\.0\.1:1\/app can not be used: .*127\.0\.0\.1:1/)
    expect(output).not.toContain('of-the-night')
    expect(output).not.toMatch(/^\s+at /m)
  })

  it('ends with 0 when it is told to stop while it waits', async () => {
    const { status, output } = await runToEnd(environment, { stopAt: /Waiting for Postgres.*\n/ })

    expect(status).toBe(0)
    expect(output).toMatch(/^Waiting for Postgres at .*\n$/)
  })
})
