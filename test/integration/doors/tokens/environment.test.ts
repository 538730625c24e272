import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { SessionManager } from 'holdfast/tokens'
import { Redis } from 'ioredis'
import {
  freshDatabase,
  startRedis,
  type FreshDatabase,
  type RedisServer,
} from '../../../services.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { applyMigrations } from '../users/apply-migrations.js'
import { connectionsTo } from '../users/connections.js'
import { withVariables } from '../users/with-variables.js'
import { aSecret, logIn, openIn, plain, runToEnd, type Variables } from './environments.js'

const managers: SessionManager[] = []
let database: FreshDatabase
let redis: RedisServer

beforeAll(async () => {
  database = await freshDatabase()
  redis = await startRedis()
})
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.close()
})
afterAll(async () => {
  await redis.stop()
  await database.drop()
})

async function opened(variables: Variables): Promise<SessionManager> {
  const manager = await openIn(variables)
  managers.push(manager)
  return manager
}

/** What a manager says that can not be opened. */
async function refusalIn(variables: Variables) {
  const manager = new SessionManager()
  const result = await withVariables({ ...plain, ...variables }, () =>
    manager.createSession(randomUUID(), randomUUID()),
  )
  if (result.success) throw new Error('It was opened')
  return result.error
}

/** Where sessions may be kept, by which variables say so. */
const places = [
  ['Postgres', () => ({ DATABASE_URL: database.url })],
  ['Redis', () => ({ REDIS_URL: redis.url })],
  ['Postgres and Redis', () => ({ DATABASE_URL: database.url, REDIS_URL: redis.url })],
] as const

describe('without URLs', () => {
  it.each([undefined, 'development', 'test'])(
    'sessions are in memory where NODE_ENV is %s',
    async (NODE_ENV) => {
      const [one, other] = [await opened({ NODE_ENV }), await opened({ NODE_ENV })]
      const { token } = await logIn(one)

      expect((await one.validateSession(token)).success).toBe(true)
      expect(await other.validateSession(token)).toMatchObject({
        error: { reason: 'ended-session' },
      })
    },
  )

  it('there are none in production, which says what to set', async () => {
    const { reason, message } = await refusalIn({ NODE_ENV: 'production' })

    expect([reason, message]).toEqual([
      'misconfigured',
      'The environment variable DATABASE_URL is required in production, or REDIS_URL',
    ])
  })
})

describe('a malformed URL', () => {
  it.each([
    ['DATABASE_URL', 'mysql://app:hunter2@db/app'],
    ['DATABASE_URL', 'hunter2'],
    ['REDIS_URL', 'https://app:hunter2@cache'],
    ['REDIS_URL', 'redis:hunter2 cache:6379 '],
    ['REDIS_URL', 'localhost:6379/hunter2'],
  ])('is refused by its name, %s, and told nowhere', async (name, url) => {
    const error = await refusalIn({ [name]: url })

    expect(error).toMatchObject({ type: 'SYSTEM_ERROR', reason: 'misconfigured' })
    expect(error.message).toContain(`The environment variable ${name} must be a `)
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
      'hunter2',
    )
  })
})

describe.each(places)('in %s', (_name, variables) => {
  it('sessions are kept over managers and processes, and ended in all', async () => {
    const [one, other] = [await opened(variables()), await opened(variables())]
    const { token, refreshToken } = await logIn(one)

    expect((await other.validateSession(token)).success).toBe(true)
    const program = `
      const { success } = await sessionManager.validateSession('${token}')
      const next = await sessionManager.refreshSession('${refreshToken}')
      await sessionManager.destroySession(next.token)
      console.log(success, next.success)`
    expect(await runToEnd(program, variables())).toEqual({ output: 'true true', status: 0 })
    await expectEnded(one, token)
    await expectEnded(other, token)
  })

  it('nothing keeps a process alive that is not closed, and close() ends with nothing open', async () => {
    const login = `console.log((await sessionManager.createSession('${randomUUID()}', '${randomUUID()}')).success)`

    expect(await runToEnd(login, variables())).toEqual({ output: 'true', status: 0 })
    const manager = await opened(variables())
    await logIn(manager)
    expect(await connections()).toBeGreaterThan(0)
    await manager.close()
    expect(await connections()).toBe(0)
    expect(await manager.validateSession('a.b.c')).toMatchObject({ error: { reason: 'closed' } })
  })
})

async function expectEnded(manager: SessionManager, token: string): Promise<void> {
  expect(await manager.validateSession(token)).toMatchObject({ error: { reason: 'ended-session' } })
}

/** How many connections there are besides those that count them. */
async function connections(): Promise<number> {
  const client = new Redis(redis.url)
  try {
    for (let before = Infinity; ;) {
      const now =
        String(await client.client('LIST'))
          .trim()
          .split('\n').length - 1
      if (now >= before) return now + (await connectionsTo(database.url))
      before = now
      await delay(30)
    }
  } finally {
    client.disconnect()
  }
}

describe('in production', () => {
  it('tables are not made: sessions begin once the migrations are applied', async () => {
    const fresh = await freshDatabase()
    const variables = { ...plain, NODE_ENV: 'production', DATABASE_URL: fresh.url }
    const manager = new SessionManager()
    managers.push(manager)
    const login = () =>
      withVariables(variables, () => manager.createSession(randomUUID(), randomUUID()))

    expect(await login()).toMatchObject({ success: false, error: { type: 'DATABASE_ERROR' } })
    await applyMigrations(fresh.url)
    expect((await login()).success).toBe(true)
    await manager.close()
    await fresh.drop()
  })
})

describe('limits with REDIS_URL', () => {
  it('are counted together by all processes', async () => {
    const manager = await opened({ REDIS_URL: redis.url })
    const client = new Redis(redis.url)

    // Until its client is connected, and while Redis is late, the process counts by itself.
    await eventually(async () => {
      const { user } = await logIn(manager)
      return (await client.exists(`holdfast:limit:createOfUser:${user.id}`)) === 1
    })
    client.disconnect()
  })
})

describe('the list of JWT_SECRET', () => {
  const [old, next] = [aSecret(), aSecret()]

  /** The key id in the header of a token. */
  const keyOf = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid

  it('is that of the keys which are good: the first signs', async () => {
    const withSecret = (JWT_SECRET: string) => opened({ REDIS_URL: redis.url, JWT_SECRET })
    const [before, during, after] = [
      await withSecret(old),
      await withSecret(`${next},${old}`),
      await withSecret(next),
    ]
    const begun = await logIn(before)
    const refreshed = await during.refreshSession(begun.refreshToken)
    if (!refreshed.success) throw refreshed.error

    expect((await during.validateSession(begun.token)).success).toBe(true)
    expect(await after.validateSession(begun.token)).toMatchObject({
      error: { type: 'TOKEN_ERROR', reason: 'invalid-token' },
    })
    expect(await after.refreshSession(begun.refreshToken)).toMatchObject({
      error: { type: 'TOKEN_ERROR', reason: 'invalid-token' },
    })
    expect(keyOf(refreshed.token)).not.toBe(keyOf(begun.token))
    expect(keyOf(refreshed.token)).toBe(keyOf((await logIn(after)).token))
    expect((await after.validateSession(refreshed.token)).success).toBe(true)
    expect((await after.refreshSession(refreshed.refreshToken)).success).toBe(true)
  })
})
