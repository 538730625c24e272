import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { applyMigrations } from '../integration/doors/users/apply-migrations.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../services.js'
import type { RunningApp } from './example-program.js'
import {
  inDatabase,
  inShort,
  loggedIn,
  onDevice,
  password,
  registered,
  startApi,
  stopAll,
  tokenApi,
} from './token-api.js'

const secret = () => randomBytes(32).toString('base64')
const secrets = { JWT_SECRET: secret(), SESSION_ENCRYPTION_KEY: secret() }
let postgres: PostgresServer
let redis: RedisServer
let databaseUrl: string
let app: RunningApp

const environment = () => ({
  ...secrets,
  NODE_ENV: 'development',
  DATABASE_URL: databaseUrl,
  REDIS_URL: redis.url,
})

beforeAll(async () => {
  tokenApi.build()
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  databaseUrl = await postgres.createDatabase()
  app = await startApi(environment())
}, 120_000)

afterAll(async () => {
  await stopAll()
  await Promise.all([postgres.stop(), redis.stop()])
})

/** Changes somebody's row behind the back of every instance. */
function setUser(id: string, assignment: string): Promise<void> {
  return inDatabase(databaseUrl, `update "User" set ${assignment} where id = $1`, [id])
}

async function keysIn({ url }: RedisServer): Promise<string[]> {
  const client = new Redis(url)
  const keys = await client.keys('*')
  client.disconnect()
  return keys
}

describe('the token example on Postgres and Redis', () => {
  it('tells the same story', async () => {
    const { status, output } = await tokenApi.runToEnd({}, { file: 'client.js', args: [app.url] })

    expect(output.trim().split('\n')).toHaveLength(19)
    expect(status).toBe(0)
  })

  it('lets a user in where the role allows it, for as long as it does, with one token', async () => {
    const { device, id } = await loggedIn(app)
    const before = await device.get('/users')
    await setUser(id, `role = 'ADMIN'`)
    const meanwhile = await device.get('/users')
    await setUser(id, `role = 'USER'`)
    const after = await device.get('/users')

    expect([before, meanwhile, after].map(inShort)).toEqual([
      ...['403 missing-permission', '200', '403 missing-permission'],
    ])
    expect(after.headers.get('WWW-Authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="read:users"',
    )
    expect(meanwhile.body).toContainEqual(expect.objectContaining({ id, role: 'ADMIN' }))
    expect(JSON.stringify(meanwhile.body)).not.toContain('hashedPassword')
  })

  it('lets nobody in who is disabled, by any token, at the next call', async () => {
    const account = await loggedIn(app)
    const devices = [account.device, await onDevice(app, account)]
    await setUser(account.id, `"disabledAt" = '2020-01-01'`)

    for (const device of devices) {
      expect(inShort(await device.get('/me'))).toBe('401 disabled-user')
      expect(inShort(await device.get('/users'))).toBe('401 disabled-user')
      expect(inShort(await device.refresh())).toBe('401 disabled-user')
    }
    expect(inShort(await account.device.logIn(account.email, password))).toBe('401 disabled-user')
  })

  it('goes on after a restart: both tokens are as good as before', async () => {
    const { device, email } = await loggedIn(app)
    const { status } = await app.stop('SIGTERM')
    app = await startApi(environment())
    const later = device.at(app.url)

    expect(status).toBe(0)
    expect((await later.get('/me')).body).toMatchObject({ email })
    expect(inShort(await later.refresh())).toBe('200')
    expect((await later.get('/me')).body).toMatchObject({ email })
  })

  it('has one implementation of sessions in all processes', async () => {
    const other = await startApi(environment())
    const account = await loggedIn(app)
    const elsewhere = account.device.at(other.url)
    const phone = await onDevice(other, account)

    expect(inShort(await elsewhere.get('/me'))).toBe('200')
    await account.device.refresh()
    await elsewhere.refresh()
    expect(elsewhere.tokens).toEqual(account.device.tokens)
    expect((await account.device.get('/sessions')).body).toHaveLength(2)
    await account.device.delete('/sessions')
    expect(inShort(await phone.get('/me'))).toBe('401 ended-session')
    await elsewhere.logOut()
    expect(inShort(await account.device.get('/me'))).toBe('401 ended-session')
    await other.stop()
  })

  it('counts guesses of all processes together, and writes nobody’s address to Redis', async () => {
    const other = await startApi(environment())
    const { device, email } = await registered(app)
    const guesses = Array.from({ length: 10 }, (_, each) =>
      device.at(each % 2 ? app.url : other.url).logIn(email, 'not the password'),
    )

    expect(new Set((await Promise.all(guesses)).map(inShort))).toEqual(
      new Set(['401 wrong-credentials']),
    )
    expect(inShort(await device.at(other.url).logIn(email, password))).toBe('429 rate-limited')
    expect(inShort(await device.at(app.url).logIn(email, password))).toBe('429 rate-limited')
    const keys = await keysIn(redis)
    expect(keys.filter((key) => key.startsWith('token-api:login:account'))).not.toEqual([])
    expect(keys.join().toLowerCase()).not.toContain(email)
    await other.stop()
  })
})

describe('the token example in production', () => {
  const production = () => ({ ...environment(), NODE_ENV: 'production', PORT: '0' })

  it.each(['JWT_SECRET', 'SESSION_ENCRYPTION_KEY'])('makes no %s of its own', async (name) => {
    const { output, status } = await tokenApi.runToEnd({ ...production(), [name]: '' })

    expect(status).toBe(1)
    expect(output).toBe(`Production needs ${name}: make one with: openssl rand -base64 32\n`)
  })

  it('names both secrets where neither is there, and takes no database in memory', async () => {
    const none = { NODE_ENV: 'production', PORT: '0' }
    const { DATABASE_URL: _none, ...rest } = production()

    expect((await tokenApi.runToEnd(none)).output).toContain(
      'JWT_SECRET and SESSION_ENCRYPTION_KEY',
    )
    expect((await tokenApi.runToEnd(rest)).output).toContain('DATABASE_URL is required')
  })

  it.each([
    ['JWT_SECRET', 'your_jwt_secret_at_least_32_characters_long', 'is a placeholder'],
    ['JWT_SECRET', 'abababababababababababababababababab', 'repeats a few characters'],
    ['SESSION_ENCRYPTION_KEY', 'your_session_encryption_key_at_least_32_characters_long', 'is a'],
    ['SESSION_ENCRYPTION_KEY', 'kd83hKzq', 'is shorter than 32'],
    ['JWT_SECRET', secrets.SESSION_ENCRYPTION_KEY, 'must have another value'],
  ])('refuses a %s that is none, and does not tell it', async (name, value, problem) => {
    const variables = { ...environment(), PORT: '0', [name]: value }
    const { output, status } = await tokenApi.runToEnd(variables)

    expect(status).toBe(1)
    expect(output).toContain(`${name} ${problem}`)
    expect(output).not.toContain(value)
  })

  it('serves once the migrations are applied', async () => {
    const fresh = await postgres.createDatabase()
    await applyMigrations(fresh)
    const own = await startApi({ ...production(), DATABASE_URL: fresh })

    expect(inShort(await (await loggedIn(own)).device.get('/me'))).toBe('200')
    expect((await own.stop()).status).toBe(0)
  })
})
