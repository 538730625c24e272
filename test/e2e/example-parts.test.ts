import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { MemorySessionStore } from 'holdfast/express'
import request from 'supertest'
import { createApp, type AppOptions } from '../../examples/express-app/app.js'
import { readSettings } from '../../examples/express-app/settings.js'

const good = 'Jx2r-8Vq0cWkZ5tN7yLbE1mHsP4uGdAf9QoRiT6X'
const older = 'm4Kq-Zt81LxVbN0sYw7RcEhJ2uPdGf5AiQo9T3X6'
const folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the settings of the example', () => {
  const read = (env: Record<string, string>) => readSettings(env, folder)
  const production = { NODE_ENV: 'production' }

  it.each([
    ['', /SESSION_SECRET is not set/],
    ['too short', /is shorter than 32 characters/],
    ['your-secure-session-secret-your-secure-session-secret', /is a placeholder/],
    ['changeme-changeme-changeme-changeme-1234', /is a placeholder/],
    ['abababababababababababababababababababab', /repeats/],
    [`${good},too short`, /is shorter/],
  ])('refuse the secret %j in production, and do not repeat it', (secret, problem) => {
    const attempt = () => read({ ...production, SESSION_SECRET: secret })

    expect(attempt).toThrow(problem)
    expect(attempt).not.toThrow(secret || 'nothing')
  })

  it('take several secrets, the first to sign with', () => {
    const { secrets } = read({ ...production, SESSION_SECRET: `${good}, ${older},` })

    expect(secrets).toEqual({ all: [good, older] })
  })

  it('keep a random secret for development, and warn of a weak one', () => {
    const [first, second] = [read({}), read({})]

    expect(first.secrets.all[0]).toMatch(/^[\w-]{43}$/)
    expect(second.secrets.all).toEqual(first.secrets.all)
    expect(read({ SESSION_SECRET: 'weak' }).secrets).toMatchObject({ all: ['weak'] })
    expect(read({ SESSION_SECRET: 'weak' }).secrets.notice).toContain('production refuses it')
  })

  it.each([
    { PORT: 'eighty' },
    { PORT: '70000' },
    { DATABASE_URL: 'mysql://host/app' },
    { DATABASE_URL: 'nonsense' },
    { REDIS_URL: 'localhost:6379' },
    { TRUST_PROXY: 'true' },
  ])('refuse %j, and name the variable', (env) => {
    expect(() => read(env as Record<string, string>)).toThrow(Object.keys(env)[0]!)
  })
})

describe('the data folder of the example', () => {
  it.each([{}, { DATA_DIR: '' }, { DATA_DIR: '  ' }])('is the example’s own with %j', (env) => {
    expect(readSettings({ SESSION_SECRET: good, ...env }, folder).dataFolder).toBe(
      join(folder, '.data'),
    )
  })
})

describe('the answer to what can not be understood', () => {
  const store = new MemorySessionStore()
  afterAll(() => store.close())

  it.each([true, false])('tells it once, in production: %p', async (isProduction) => {
    const settings = { isProduction, secrets: { all: [good] }, trustProxy: false as const }
    const app = createApp({ settings, store, publicFolder: folder })
    const answer = await request(app).post('/login').type('json').send('{"user":')

    expect(answer.status).toBe(400)
    const message = expect.stringContaining('JSON') as unknown
    expect(answer.body).toEqual({ error: 'BAD_REQUEST', message })
  })
})

describe('a request that changes something', () => {
  const store = new MemorySessionStore()
  afterAll(() => store.close())
  const settings = { isProduction: false, secrets: { all: [good] }, trustProxy: false as const }
  const app = createApp({ settings, store, publicFolder: folder })

  it.each([{}, { user: '' }, { user: { $ne: 1 } }])('logs nobody in as %j', async (body) => {
    expect((await request(app).post('/login').send(body)).status).toBe(400)
  })

  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://elsewhere.example' },
    { Origin: 'null' },
  ])('is refused with %j', async (headers) => {
    const visitor = request.agent(app)
    await visitor.get('/api/session/test-session')

    expect((await visitor.delete('/api/session/sessions').set(headers)).status).toBe(403)
    expect((await visitor.post('/logout').set(headers)).status).toBe(403)
    const after = await visitor.get('/api/session/test-session')
    expect(after).toMatchObject({ body: { visits: 2 } })
  })
})

describe('the list of all sessions', () => {
  const store = new MemorySessionStore()
  afterAll(() => store.close())
  const app = (isProduction: boolean, more: Partial<AppOptions> = {}) =>
    createApp({
      settings: { isProduction, secrets: { all: [good] }, trustProxy: false },
      store,
      publicFolder: folder,
      ...more,
    })
  const statusOf = async (...options: Parameters<typeof app>) =>
    (await request(app(...options)).get('/api/session/sessions')).status

  it('is open on a development machine, and a 404 in production', async () => {
    expect(await statusOf(false)).toBe(200)
    expect(await statusOf(true)).toBe(404)
  })

  it('is a 404 for what a proxy forwards from elsewhere', async () => {
    const forwarded = request(app(false)).get('/api/session/sessions')

    expect((await forwarded.set('X-Forwarded-For', '203.0.113.7')).status).toBe(404)
  })

  it('is for whom `authorize` says, in production too', async () => {
    expect(await statusOf(true, { authorize: async () => true })).toBe(200)
    expect(await statusOf(false, { authorize: () => false })).toBe(404)
  })
})
