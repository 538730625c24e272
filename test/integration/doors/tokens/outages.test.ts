import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Issued, Result } from 'holdfast/tokens'
import {
  startPostgres,
  startRedis,
  type PostgresServer,
  type RedisServer,
} from '../../../services.js'
import { logIn, openTokenSite, reasonOf, valueOf, type TokenSite } from './token-site.js'

let postgres: PostgresServer
let redis: RedisServer
let site: TokenSite
let databaseUrl: string

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  databaseUrl = await postgres.createDatabase()
}, 60_000)

afterAll(() => Promise.all([postgres.stop(), redis.stop()]))

// A process that Redis has failed does not believe it while Postgres is away: each test has its own.
beforeEach(async () => {
  const place = { databaseUrl, redis: redis.url, ledgerTimeout: '1s' } as const
  site = await openTokenSite(place, { rateLimits: false })
})

afterEach(() => site.close())

/** What comes of it once the servers are back and the clients know. */
async function eventually<Value extends object>(
  ask: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const giveUpAt = Date.now() + 10_000
  for (;;) {
    const result = await ask()
    if (reasonOf(result) !== 'unavailable' || Date.now() > giveUpAt) return result
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const validated = ({ token }: Pick<Issued, 'token'>) => site.manager.validateSession(token)

describe('with Redis dead', () => {
  it('sessions begin, are validated, refreshed and ended, and stay ended when it is back', async () => {
    const before = await logIn(site)
    await redis.kill()
    const login = await logIn(site)
    const next = valueOf(await site.manager.refreshSession(login.refreshToken))
    const ended = await logIn(site)

    expect(reasonOf(await validated(before))).toBe('success')
    expect(reasonOf(await validated(next))).toBe('success')
    expect(await site.manager.destroySession(ended.token)).toEqual({ success: true })
    expect(await site.manager.destroySession(before.token)).toEqual({ success: true })
    await redis.restart()
    expect(reasonOf(await validated(before))).toBe('ended-session')
    expect(reasonOf(await validated(ended))).toBe('ended-session')
    expect(reasonOf(await validated(next))).toBe('success')
  }, 30_000)

  it('and back with what it had before, a token that was used is no good again', async () => {
    const login = await logIn(site)
    const second = valueOf(await site.manager.refreshSession(login.refreshToken))
    await redis.kill()
    const third = valueOf(await site.manager.refreshSession(second.refreshToken))
    await redis.restart()

    expect(reasonOf(await site.manager.refreshSession(login.refreshToken))).toBe('reused-token')
    expect(reasonOf(await site.manager.refreshSession(third.refreshToken))).toBe('ended-session')
  }, 30_000)
})

describe('with Redis frozen', () => {
  it('everything goes on, in a second at most', async () => {
    const login = await logIn(site)
    await redis.freeze()
    const startedAt = performance.now()
    const next = await site.manager.refreshSession(login.refreshToken)
    const validation = await validated(login)
    const took = performance.now() - startedAt
    await redis.thaw()

    expect([reasonOf(next), reasonOf(validation)]).toEqual(['success', 'success'])
    expect(took).toBeLessThan(1_000)
  }, 30_000)
})

describe('with Postgres dead', () => {
  it('who is logged in stays so, and what can not be told is no refusal', async () => {
    const [login, other] = [await logIn(site), await logIn(site)]
    expect(reasonOf(await validated(login))).toBe('success')
    await postgres.kill()
    const fromRedis = await validated(login)
    const [refreshed, begun] = await Promise.all([
      site.manager.refreshSession(login.refreshToken),
      site.manager.createSession(login.user.id, login.user.orgId),
    ])
    await postgres.restart()

    expect(reasonOf(fromRedis)).toBe('success')
    for (const result of [refreshed, begun]) {
      expect(result).toMatchObject({ success: false, error: { type: 'DATABASE_ERROR' } })
    }
    const next = await eventually(() => site.manager.refreshSession(login.refreshToken))
    expect(reasonOf(next)).toBe('success')
    expect(reasonOf(await site.manager.refreshSession(other.refreshToken))).toBe('success')
  }, 30_000)

  it('a logout says that it is not durable, is refused from then on, and stays so', async () => {
    const login = await logIn(site)
    await postgres.kill()
    const logout = await site.manager.destroySession(login.token)
    const meanwhile = await validated(login)
    await postgres.restart()

    expect(logout).toMatchObject({ success: false, error: { type: 'DATABASE_ERROR' } })
    expect(reasonOf(meanwhile)).toBe('ended-session')
    expect(reasonOf(await eventually(() => validated(login)))).toBe('ended-session')
    const refreshed = await eventually(() => site.manager.refreshSession(login.refreshToken))
    expect(reasonOf(refreshed)).toBe('ended-session')
  }, 30_000)

  it('permissions are asked in vain, and nobody is told "no"', async () => {
    const login = await logIn(site)
    await Promise.all([postgres.kill(), redis.kill()])
    const asked = await site.manager
      .hasPermission(login.token, 'read:users')
      .catch((error: unknown) => error)
    await Promise.all([postgres.restart(), redis.restart()])

    expect(asked).toMatchObject({ type: 'DATABASE_ERROR', reason: 'unavailable' })
    expect(reasonOf(await eventually(() => validated(login)))).toBe('success')
  }, 30_000)
})
