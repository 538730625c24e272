import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../services.js'
import type { RunningApp } from './example-program.js'
import {
  anAddress,
  inShort,
  loggedIn,
  onDevice,
  password,
  startApi,
  stopAll,
  tokenApi,
} from './token-api.js'
import type { Account } from './token-api.js'

let postgres: PostgresServer
let redis: RedisServer
let app: RunningApp
let ada: Account

beforeAll(async () => {
  tokenApi.build()
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  app = await startApi({
    ...{ NODE_ENV: 'development', JWT_SECRET: randomBytes(32).toString('base64') },
    ...{ DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url },
  })
  ada = await loggedIn(app)
}, 120_000)

afterAll(async () => {
  await stopAll()
  await Promise.all([postgres.stop(), redis.stop()])
})

// First: a connection that broke is not waited for, and one that is only silent is.
describe('the token example while Redis is frozen', () => {
  beforeAll(() => redis.freeze())
  afterAll(() => redis.thaw())

  it('goes on', async () => {
    const { device: phone } = await loggedIn(app)

    expect(inShort(await phone.refresh())).toBe('200')
    expect(inShort(await phone.get('/me'))).toBe('200')
  })
})

describe('the token example while Redis is away', () => {
  beforeAll(() => redis.kill())
  afterAll(() => redis.restart())

  it('goes on: logins, refreshes and lists', async () => {
    const phone = await onDevice(app, ada)
    const { refreshToken } = phone.tokens

    expect(inShort(await ada.device.get('/me'))).toBe('200')
    expect(inShort(await phone.refresh())).toBe('200')
    expect(phone.tokens.refreshToken).not.toBe(refreshToken)
    expect((await ada.device.get('/sessions')).body).toHaveLength(2)
  })

  it('ends sessions at once', async () => {
    const phone = await onDevice(app, ada)
    await phone.logOut()

    expect(inShort(await phone.get('/me'))).toBe('401 ended-session')
  })

  it('goes on counting guesses', async () => {
    const email = anAddress()
    const guesses = Array.from({ length: 11 }, () => ada.device.at(app.url).logIn(email, 'wrong'))
    const answers = (await Promise.all(guesses)).map(inShort)

    expect(answers.filter((answer) => answer === '429 rate-limited')).toHaveLength(1)
  })
})

describe('the token example while Postgres is away', () => {
  let tokens: Account['device']['tokens']

  beforeAll(async () => {
    tokens = ada.device.tokens
    await postgres.kill()
  })

  it.each(['/me', '/users', '/sessions'])('can not tell, and says so: GET %s', async (path) => {
    const answer = await ada.device.get(path)

    expect(inShort(answer)).toBe('503 unavailable')
    // Whoever is told this throws the token away.
    expect(answer.headers.get('WWW-Authenticate')).toBeNull()
  })

  it('can not tell of logins, registrations and refreshes either', async () => {
    const visitor = ada.device.at(app.url)
    const account = { email: anAddress(), password }

    expect(inShort(await visitor.logIn(ada.email, password))).toBe('503 unavailable')
    expect(inShort(await visitor.post('/register', account))).toBe('503 unavailable')
    expect(inShort(await visitor.refresh())).toBe('503 unavailable')
    expect(inShort(await visitor.delete('/sessions'))).toBe('503 unavailable')
  })

  it('refuses what is no token, whoever is away', async () => {
    expect(inShort(await ada.device.get('/me', 'nonsense'))).toBe('401 invalid-token')
    expect(inShort(await ada.device.get('/me', ''))).toBe('401 no-token')
    expect(inShort(await ada.device.refresh('nonsense'))).toBe('401 invalid-token')
  })

  it('knows who was logged in once Postgres is back, by both tokens', async () => {
    expect(ada.device.tokens).toEqual(tokens)
    await postgres.restart()

    expect((await ada.device.get('/me')).body).toMatchObject({ email: ada.email })
    expect(inShort(await ada.device.refresh())).toBe('200')
    expect((await ada.device.get('/me')).body).toMatchObject({ email: ada.email })
  })
})
