import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { isOutage, type User } from 'holdfast/users'
import {
  startPostgres,
  startRedis,
  type PostgresServer,
  type RedisServer,
} from '../../../../services.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

let postgres: PostgresServer
let redis: RedisServer
let site: Site
let user: User
let sessionId: string

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  const databaseUrl = await postgres.createDatabase()
  site = await openSite({ databaseUrl, redis: redis.url, ledgerTimeout: '1s' })
  user = await aUser(site)
  sessionId = await site.manager.createSession(user.id, metadata)
}, 60_000)

afterAll(async () => {
  await site.close()
  await Promise.all([postgres.stop(), redis.stop()])
})

afterEach(async () => {
  // Whoever was logged in before still is.
  expect((await eventually(() => site.manager.findBySessionId(sessionId)))?.id).toBe(user.id)
})

/** What comes of it once the servers are back and the clients know. */
async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + 10_000
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isOutage(error) || Date.now() > giveUpAt) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

describe('with Redis dead', () => {
  it('users are found and made, and sessions are found, begun and ended', async () => {
    await redis.kill()
    const { manager } = site
    const other = await aUser(site)
    const id = await manager.createSession(other.id, metadata)

    expect((await manager.findBySessionId(sessionId))?.id).toBe(user.id)
    expect((await manager.findBySessionId(id))?.id).toBe(other.id)
    expect((await manager.findByEmail(other.email))?.id).toBe(other.id)
    await manager.deleteSession(id)
    expect(await manager.findBySessionId(id)).toBeUndefined()
    await redis.restart()
    expect(await manager.findBySessionId(id)).toBeUndefined()
  }, 30_000)
})

describe('with Postgres dead', () => {
  it('nobody is told to be nobody: it is an outage', async () => {
    await postgres.kill()
    const outcomes = await Promise.allSettled([
      site.manager.findBySessionId(sessionId),
      site.manager.findById(user.id),
      site.manager.createSession(user.id, metadata),
      site.manager.create({ email: 'grace@example.org' }),
    ])
    await postgres.restart()

    for (const outcome of outcomes) {
      expect(outcome.status).toBe('rejected')
      expect(isOutage((outcome as PromiseRejectedResult).reason)).toBe(true)
    }
  }, 30_000)
})

describe('with both dead', () => {
  it('it is an outage too, and over when both are back', async () => {
    await Promise.all([postgres.kill(), redis.kill()])
    const outcome = await site.manager.findBySessionId(sessionId).catch((error: unknown) => error)
    await Promise.all([postgres.restart(), redis.restart()])

    expect(isOutage(outcome)).toBe(true)
  }, 30_000)

  it('a session that was ended before stays so', async () => {
    const id = await eventually(() => site.manager.createSession(user.id, metadata))
    await site.manager.deleteSession(id)
    await Promise.all([postgres.kill(), redis.kill()])
    await Promise.all([postgres.restart(), redis.restart()])

    expect(await eventually(() => site.manager.findBySessionId(id))).toBeUndefined()
  }, 30_000)
})
