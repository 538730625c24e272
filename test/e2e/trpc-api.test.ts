import { randomBytes } from 'node:crypto'
import { TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Browser } from '../../examples/trpc-api/browser.js'
import { freshDatabase, sharedRedisUrl, startPostgres, startRedis } from '../services.js'
import type { FreshDatabase, PostgresServer, RedisServer } from '../services.js'
import { ExampleProgram, type RunningApp } from './example-program.js'

const example = new ExampleProgram('trpc-api')
const password = 'correct horse battery staple'

beforeAll(() => example.build(), 120_000)

/** A browser at the API of this instance. */
function browserAt(app: RunningApp, name = 'Shell/1.0'): Browser {
  return new Browser(`${app.url}/trpc`, name)
}

function anAddress(): string {
  return `ada-${randomBytes(6).toString('hex')}@example.com`
}

async function register(app: RunningApp): Promise<{ browser: Browser; email: string }> {
  const [browser, email] = [browserAt(app), anAddress()]
  await browser.api.register.mutate({ email, password })
  return { browser, email }
}

async function loggedIn(app: RunningApp): Promise<{ browser: Browser; email: string }> {
  const { browser, email } = await register(app)
  await browser.api.login.mutate({ email, password })
  return { browser, email }
}

/** What the server says no with. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TRPCClientError)) throw new TypeError('It was not refused')
  return (error.data as { code: string } | undefined)?.code ?? error.message
}

describe('the tRPC example with nothing configured', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await example.start({})
  })
  afterAll(() => app.stop('SIGKILL'))

  it('lets its client tell the whole story', async () => {
    const args = [`${app.url}/trpc`]
    const { status, output } = await example.runToEnd({}, { file: 'client.js', args })

    expect(output.replace(/[0-9a-f-]{36}/, '<id>').split('\n')).toEqual([
      'nobody asks me   UNAUTHORIZED (401): Please log in',
      'register         a user with the id <id>',
      'register again   CONFLICT (409): That is taken already',
      'wrong password   UNAUTHORIZED (401): The address or the password is wrong',
      'unknown address  UNAUTHORIZED (401): The address or the password is wrong',
      'login, laptop    the cookie sessionId',
      'login, phone     in capitals: it is the same address',
      'me, laptop       Ada, USER, with phone and laptop (this one)',
      'revoke           the phone, by its public id',
      'me, phone        UNAUTHORIZED (401): Please log in',
      'me, laptop       Ada, USER, with laptop (this one)',
      'logout           the browser holds no cookie',
      'me, laptop       UNAUTHORIZED (401): Please log in',
      '',
    ])
    expect(status).toBe(0)
  })

  it('ends the session that a login replaces', async () => {
    const { browser, email } = await loggedIn(app)
    await browser.api.login.mutate({ email, password })

    expect(await browser.api.sessions.query()).toHaveLength(1)
  })

  it('ends all sessions but the one that asks', async () => {
    const { browser, email } = await loggedIn(app)
    await browserAt(app).api.login.mutate({ email, password })
    await browserAt(app).api.login.mutate({ email, password })

    expect(await browser.api.revokeOthers.mutate()).toBe(2)
    expect(await browser.api.sessions.query()).toHaveLength(1)
  })

  it('ends nobody else’s session, whoever knows its public id', async () => {
    const ada = await loggedIn(app)
    const eve = await loggedIn(app)
    const [session] = await ada.browser.api.sessions.query()

    expect(await codeOf(eve.browser.api.revoke.mutate({ id: session!.id }))).toBe('NOT_FOUND')
    expect(await ada.browser.api.me.query()).toHaveProperty('id')
  })

  it('logs out twice, and also who was never in', async () => {
    const { browser } = await loggedIn(app)
    await browser.api.logout.mutate()
    await browser.api.logout.mutate()

    expect(browser.cookies).toBe('')
    expect(await codeOf(browser.api.me.query())).toBe('UNAUTHORIZED')
  })

  it('forbids to a user what is for administrators', async () => {
    const { browser } = await loggedIn(app)

    expect(await codeOf(browser.api.countUsers.query())).toBe('FORBIDDEN')
  })

  it.each([
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['text/plain', '{}'],
  ])('takes no form of another site’s page: %s', async (type, body) => {
    const { browser } = await loggedIn(app)
    const headers = { 'Content-Type': type, Cookie: browser.cookies }
    const answer = await fetch(`${app.url}/trpc/logout`, { method: 'POST', headers, body })

    expect(answer.status).toBe(415)
    expect(await browser.api.me.query()).toHaveProperty('id')
  })

  it('takes no thousand guesses in one request', async () => {
    const { browser, email } = await register(app)
    const guess = { email, password: 'wrong' }
    const guesses = Array.from({ length: 30 }, () => codeOf(browser.api.login.mutate(guess)))

    expect(new Set(await Promise.all(guesses))).toEqual(new Set(['BAD_REQUEST']))
  })

  it('refuses a streamed answer, in which no cookie would reach the browser, before anything is done', async () => {
    const { browser, email } = await loggedIn(app)
    const headers = { 'Content-Type': 'application/json', Cookie: browser.cookies }
    for (const accept of [
      { 'trpc-accept': 'application/jsonl' },
      { Accept: 'application/jsonl' },
    ]) {
      const response = await fetch(`${app.url}/trpc/login?batch=1`, {
        method: 'POST',
        headers: { ...headers, ...accept },
        body: JSON.stringify({ 0: { email, password } }),
      })
      expect(response.status).toBe(406)
    }

    expect(await browser.api.sessions.query()).toHaveLength(1)
  })

  it('tells no password, and of a session no more than its owner may see', async () => {
    const { browser } = await loggedIn(app)
    const [me, sessions] = [await browser.api.me.query(), await browser.api.sessions.query()]
    const [, id = ''] = browser.cookies.split('=')

    expect(Object.keys(me).sort()).toEqual(['email', 'id', 'role'])
    expect(JSON.stringify(sessions)).not.toContain(id)
  })

  it('prints no address, no session and no password', async () => {
    const own = await example.start({})
    const { browser, email } = await loggedIn(own)
    await codeOf(browser.api.register.mutate({ email, password }))
    await codeOf(browser.api.register.mutate({ email: 'a@b@c', password }))
    const [, id = ''] = browser.cookies.split('=')
    await browser.api.logout.mutate()
    const { output, status } = await own.stop('SIGTERM')

    expect(status).toBe(0)
    for (const secret of [email, password, id]) expect(output).not.toContain(secret)
    expect(output.trim().split('\n')).toHaveLength(2)
  })
})

describe('the tRPC example on Postgres and Redis', () => {
  let database: FreshDatabase
  let app: RunningApp
  const environment = () => ({
    NODE_ENV: 'development',
    DATABASE_URL: database.url,
    REDIS_URL: sharedRedisUrl(),
  })

  beforeAll(async () => {
    database = await freshDatabase()
    app = await example.start(environment())
  })
  afterAll(async () => {
    await app.stop('SIGKILL')
    await database.drop()
  })

  it('keeps who is logged in across a restart', async () => {
    const { browser, email } = await loggedIn(app)
    const { status } = await app.stop('SIGTERM')
    app = await example.start(environment())
    const later = browser.at(`${app.url}/trpc`)

    expect(status).toBe(0)
    expect(await later.api.me.query()).toMatchObject({ email })
  })

  it('ends a session at one instance for all of them', async () => {
    const other = await example.start(environment())
    const { browser } = await loggedIn(app)
    const elsewhere = browser.at(`${other.url}/trpc`)
    await elsewhere.api.me.query()
    await browser.api.logout.mutate()

    expect(await codeOf(elsewhere.api.me.query())).toBe('UNAUTHORIZED')
    await other.stop()
  })
})

describe('the tRPC example in production', () => {
  it.each(['DATABASE_URL', 'REDIS_URL'])('says in one line that %s is missing', async (name) => {
    const urls = { DATABASE_URL: 'postgres://somebody@127.0.0.1:1/app', REDIS_URL: 'redis://r' }
    const { output, status } = await example.runToEnd({
      ...urls,
      NODE_ENV: 'production',
      PORT: '0',
      [name]: '',
    })

    expect(status).toBe(1)
    expect(output).toBe(`The environment variable ${name} is required in production\n`)
  })
})

describe('the tRPC example while Postgres is away', () => {
  let postgres: PostgresServer
  let redis: RedisServer
  let app: RunningApp
  let ada: Browser
  let email: string

  beforeAll(async () => {
    ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const urls = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }
    app = await example.start({ NODE_ENV: 'development', ...urls })
    ;({ browser: ada, email } = await loggedIn(app))
    await postgres.kill()
  }, 60_000)
  afterAll(async () => {
    await app.stop('SIGKILL')
    await Promise.all([postgres.stop(), redis.stop()])
  })

  it.each(['me', 'sessions'] as const)(
    'answers SERVICE_UNAVAILABLE, and leaves the cookie: %s',
    async (procedure) => {
      const before = ada.cookies

      expect(await codeOf(ada.api[procedure].query())).toBe('SERVICE_UNAVAILABLE')
      expect(ada.cookies).toBe(before)
    },
  )

  it('says so of a login and a registration too', async () => {
    const visitor = browserAt(app)

    expect(await codeOf(visitor.api.login.mutate({ email, password }))).toBe('SERVICE_UNAVAILABLE')
    expect(await codeOf(visitor.api.register.mutate({ email: anAddress(), password }))).toBe(
      'SERVICE_UNAVAILABLE',
    )
    expect(visitor.cookies).toBe('')
  })

  it('answers UNAUTHORIZED to who brings no session', async () => {
    expect(await codeOf(browserAt(app).api.me.query())).toBe('UNAUTHORIZED')
  })

  it('knows who was logged in once Postgres is back', async () => {
    await postgres.restart()

    expect(await ada.api.me.query()).toMatchObject({ email })
  })
})
