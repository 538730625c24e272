import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Device, type Answer, type Tokens } from '../../examples/token-api/api.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../services.js'
import { tokenParts } from '../support/token-parts.js'
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

const secret = () => randomBytes(32).toString('base64')
const passwords = {
  postgres: randomBytes(12).toString('hex'),
  redis: randomBytes(12).toString('hex'),
}
const variables = { JWT_SECRET: secret(), SESSION_ENCRYPTION_KEY: secret() }
const email = anAddress()

/** All that is to be found nowhere. */
const untold = new Set([email, password, ...Object.values(passwords), ...Object.values(variables)])
let postgres: PostgresServer
let redis: RedisServer
let environment: Readonly<Record<string, string>>
let printed: string

beforeAll(async () => {
  tokenApi.build()
  const args = ['--requirepass', passwords.redis]
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis({ args })])
  const [database, cache] = [new URL(await postgres.createDatabase()), new URL(redis.url)]
  ;[database.password, cache.password] = [passwords.postgres, passwords.redis]
  environment = {
    ...{ ...variables, NODE_ENV: 'development', LOG_LEVEL: 'debug', RETRY_SECONDS: '0' },
    ...{ DATABASE_URL: database.href, REDIS_URL: cache.href },
  }
  untold.add(database.href).add(cache.href)
  printed = await wholeRun()
}, 120_000)

afterAll(async () => {
  await stopAll()
  await Promise.all([postgres.stop(), redis.stop()])
})

/** Notes what was issued, as somebody would find it. */
function keep(answer: Answer): Answer {
  if (answer.status === 200) {
    for (const part of tokenParts(answer.body as Tokens)) untold.add(part)
  }
  return answer
}

/** All that the example prints while everything happens to it. */
async function wholeRun(): Promise<string> {
  const app = await startApi(environment)
  const laptop = new Device(app.url, 'laptop')
  await laptop.post('/register', { email, password, name: 'Ada' })
  await laptop.post('/register', { email, password })
  await laptop.post('/register', { email: 'no address', password })
  await laptop.logIn(email, 'not the password')
  keep(await laptop.logIn(email, password))
  await visit(laptop)
  await steal(app)
  await redis.kill()
  await visit(laptop)
  await redis.restart()
  await postgres.kill()
  await visit(laptop)
  await laptop.logIn(email, password)
  await laptop.post('/register', { email: anAddress(), password })
  await postgres.restart()
  await visit(laptop)
  expect(inShort(await laptop.logOut())).toBe('204')
  const { output } = await app.stop('SIGTERM')
  return output
}

/** Whatever tokens are good for, and some that are none. */
async function visit(device: Device): Promise<void> {
  const { token, refreshToken } = device.tokens
  const altered = `${token.slice(0, -4)}AAAA`
  for (const each of [token, altered, refreshToken, 'nonsense']) await device.get('/me', each)
  for (const each of [token, `${refreshToken.slice(0, -4)}AAAA`]) await device.refresh(each)
  await device.get('/users')
  await device.get('/sessions')
  await device.delete('/sessions/nobody')
  await device.delete('/sessions')
  keep(await device.refresh())
}

async function steal(app: RunningApp): Promise<void> {
  const owner = new Device(app.url, 'phone')
  keep(await owner.logIn(email, password))
  const thief = owner.at(app.url)
  keep(await owner.refresh())
  await sleep(5)
  expect(inShort(await thief.refresh())).toBe('401 reused-token')
  expect(inShort(await owner.get('/me'))).toBe('401 ended-session')
}

describe('what the token example prints at debug level', () => {
  it.each([
    ['logins and refreshes', /debug tokens: A session was refreshed/],
    ['wrong tokens', /debug tokens: The token is none of ours/],
    ['thefts', /warn sessions: A refresh token was used again[^]*generation/],
    [
      'ends of sessions, by their public ids',
      /info sessions: A session was ended \{\s+id: '[\w-]{43}'/,
    ],
    ['Redis that is away', /warn sessions: .*redis[^]*ECONNREFUSED/],
    ['Postgres that is away', /error tokens: /],
  ])('tells of %s', (_what, pattern) => {
    expect(printed).toMatch(pattern)
  })

  it('holds no token, secret, password, address or URL of a server', () => {
    const found = [...untold].filter((each) => printed.includes(each))

    expect(untold.size).toBeGreaterThan(40)
    expect(found).toEqual([])
  })

  it('holds none of them where the servers refuse the passwords of their URLs', async () => {
    const wrong = new URL(environment['REDIS_URL']!)
    wrong.password = 'wrong-password-of-redis'
    const app = await startApi({ ...environment, REDIS_URL: wrong.href })
    const ada = await loggedIn(app)
    await onDevice(app, ada)
    const { output } = await app.stop('SIGTERM')

    expect(output).toContain('WRONGPASS')
    for (const each of [...untold, wrong.password, wrong.href, ada.email]) {
      expect(output).not.toContain(each)
    }
    for (const part of tokenParts(ada.device.tokens)) expect(output).not.toContain(part)
  })
})
