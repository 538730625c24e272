import { randomBytes, randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SessionManager, type Logger, type SessionManagerOptions } from 'holdfast/tokens'
import { hashPassword, UserManagerFactory } from 'holdfast/users'
import { Client } from 'pg'
import {
  startPostgres,
  startRedis,
  type PostgresServer,
  type RedisServer,
} from '../../../services.js'
import { tokenParts } from '../../../support/token-parts.js'
import { withVariables } from '../users/with-variables.js'

const secret = () => randomBytes(32).toString('base64')
const passwords = {
  postgres: randomBytes(12).toString('hex'),
  redis: randomBytes(12).toString('hex'),
}
const secrets = { JWT_SECRET: secret(), SESSION_ENCRYPTION_KEY: secret() }
const [userId, orgId] = [randomUUID(), randomUUID()]
let untold: Set<string>
let told: string[]
let postgres: PostgresServer
let redis: RedisServer
let urls: Readonly<Record<'DATABASE_URL' | 'REDIS_URL', string>>

beforeAll(async () => {
  const args = ['--requirepass', passwords.redis]
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis({ args })])
  const [database, cache] = [new URL(await postgres.createDatabase()), new URL(redis.url)]
  ;[database.password, cache.password] = [passwords.postgres, passwords.redis]
  urls = { DATABASE_URL: database.href, REDIS_URL: cache.href }
}, 60_000)

afterAll(() => Promise.all([postgres.stop(), redis.stop()]))

/** As the console prints what it is given, to its last field. */
const note = (...words: readonly unknown[]): void => {
  const options = { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity }
  told.push(words.map((word) => inspect(word, { ...options, showHidden: true })).join(' '))
}
const logger: Logger = { error: note, warn: note, info: note, debug: note }

/** Does something with a manager of the environment, and gives what was logged of that. */
async function logged(
  options: SessionManagerOptions,
  act: (manager: SessionManager) => Promise<void>,
): Promise<string> {
  told = []
  untold = new Set([...Object.values(secrets), ...Object.values(passwords), ...Object.values(urls)])
  await withVariables({ NODE_ENV: undefined, ...secrets, ...urls }, async () => {
    const manager = new SessionManager({ logger, ...options })
    await act(manager).finally(() => manager.close())
  })
  return told.join('\n')
}

/** Lets somebody in, and takes note of what nobody else is to see. */
async function logIn(manager: SessionManager) {
  return kept(await manager.createSession(userId, orgId, 'phone', '192.0.2.1'))
}

function kept(issued: Awaited<ReturnType<SessionManager['createSession']>>) {
  if (!issued.success) throw issued.error
  for (const part of tokenParts(issued)) untold.add(part)
  return issued
}

/** Uses tokens as they are meant to be used, and as they are not. */
async function visit(
  manager: SessionManager,
  { token, refreshToken }: Record<'token' | 'refreshToken', string>,
) {
  for (const each of [token, refreshToken, `${token}x`, 'nonsense']) {
    await manager.validateSession(each, { ip: '192.0.2.1' })
    await manager.hasPermission(each, 'read:users').catch(() => false)
  }
  for (const each of [token, `${refreshToken.slice(0, -2)}AA`]) await manager.refreshSession(each)
  await manager.createSession(token, refreshToken)
  await manager.getActiveSessions().catch(() => [])
  await manager.getSessionStats().catch(() => undefined)
}

function leaks(text: string): string[] {
  return [...untold].filter((each) => text.includes(each))
}

describe('what a session manager of its own engine logs', () => {
  it('is nothing secret while it is used, misused, and loses its servers', async () => {
    const text = await logged({ retryWithin: 0 }, async (manager) => {
      const first = await logIn(manager)
      await visit(manager, first)
      kept(await manager.refreshSession(first.refreshToken))
      await sleep(5)
      const stolen = await manager.refreshSession(first.refreshToken)
      expect(stolen).toHaveProperty('error.reason', 'reused-token')
      const second = await logIn(manager)
      await redis.kill()
      await visit(manager, second)
      await redis.restart()
      await postgres.kill()
      await visit(manager, second)
      await manager.refreshSession(second.refreshToken)
      await manager.destroySession(second.token)
      await postgres.restart()
      await logIn(manager)
    })

    expect(text).toContain('A session was refreshed')
    expect(text).toContain('ECONNREFUSED')
    expect(text).toContain('A refresh token was used again')
    expect(text).toContain('The sessions could not be reached')
    expect(leaks(text)).toEqual([])
  })

  it('is nothing secret where a stored session was altered', async () => {
    const text = await logged({}, async (manager) => {
      const login = await logIn(manager)
      await alter(login.session.id)
      const outcome = await manager.validateSession(login.token)
      expect(outcome).toHaveProperty('error.type', 'ENCRYPTION_ERROR')
    })

    expect(text).toContain('ERR_DECRYPTION')
    expect(leaks(text)).toEqual([])
  })

  it('is nothing secret where a setting is none', async () => {
    const text = await logged({}, async (manager) => {
      for (const name of ['DATABASE_URL', 'REDIS_URL', 'JWT_SECRET', 'SESSION_ENCRYPTION_KEY']) {
        const value = `mysql://somebody:hidden-in-${name}@example`
        untold.add(value)
        await withVariables({ [name]: value }, async () => {
          const outcome = await manager.createSession(userId, orgId)
          expect(outcome).toHaveProperty('error.type', 'SYSTEM_ERROR')
        })
      }
    })

    expect(text).toContain('The environment variable DATABASE_URL')
    expect(leaks(text)).toEqual([])
  })
})

describe('what a session manager logs that shares the engine of a user manager', () => {
  it('is no cookie, e-mail address or password either', async () => {
    const [email, password] = ['ada-of-the-logs@mail.example', 'correct horse battery staple']
    const fields = (about: object, message: string) => note(message, about)
    const engineLogger = { error: fields, warn: fields, info: fields, debug: fields }
    const text = await logged({}, async () => {
      const variables = { NODE_ENV: 'development' }
      await withVariables(variables, async () => {
        const users = await UserManagerFactory.create({ logger: engineLogger })
        const hashedPassword = await hashPassword(password)
        const { id } = await users.create({ email, hashedPassword })
        const { sessionId } = (await users.login({ email, password, ip: '' }))!
        const manager = new SessionManager({ engine: users.engine, users: users.users, logger })
        const login = kept(await manager.createSession(id, orgId))
        for (const each of [email, password, hashedPassword, sessionId]) untold.add(each)
        await manager.validateSession(sessionId)
        await postgres.kill()
        await users.findBySessionId(sessionId).catch(() => undefined)
        await visit(manager, login)
        await postgres.restart()
        expect(await manager.revokeAllSessions(id)).toHaveProperty('revoked', 2)
        expect(await users.findBySessionId(sessionId)).toBeUndefined()
        await manager.close()
        await UserManagerFactory.clearCache()
      })
    })

    expect(text).toContain('The users could not be looked up')
    expect(text).toContain('A session was ended')
    expect(leaks(text)).toEqual([])
  })
})

/** Turns round the end of what is stored of a session, and has Redis forget it. */
async function alter(id: string): Promise<void> {
  const client = new Client({ connectionString: urls.DATABASE_URL })
  await client.connect()
  const { rowCount } = await client.query(
    `update sessions set data = left(data, -8) || reverse(right(data, 8)), version = version + 1 where "sessionId" = $1`,
    [id],
  )
  await client.end()
  expect(rowCount).toBe(1)
  await redis.kill()
  await redis.restart()
}
