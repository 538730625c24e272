import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../../src/core/clock.js'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../services.js'
import { logIn, openTokenSite, reasonOf, valueOf, type TokenSite } from './token-site.js'

const HOUR = 3_600_000
const offsets = [-HOUR, -30_000, 30_000, HOUR]
const sites: TokenSite[] = []

let database: FreshDatabase
let prefix: string

beforeAll(async () => {
  database = await freshDatabase()
  prefix = freshPrefix()
})
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close()
})
afterAll(() => database.drop())

/** A process that was just started, on a machine whose clock is wrong by so many ms. */
async function started(offset: number): Promise<TokenSite> {
  const clock = { ...systemClock, now: () => Date.now() + offset }
  const place = { databaseUrl: database.url, redis: sharedRedisUrl(), prefix, clock }
  const site = await openTokenSite(place, { accessTtl: '5m' })
  sites.push(site)
  return site
}

describe.each(offsets)('a process whose clock is wrong by %d ms', (offset) => {
  it('begins a session, as its first, whose token is good everywhere', async () => {
    const [here, there] = [await started(offset), await started(0)]
    const { token } = await logIn(here)

    expect(reasonOf(await here.manager.validateSession(token))).toBe('success')
    expect(reasonOf(await there.manager.validateSession(token))).toBe('success')
  })

  it('takes, as its first, a token of another', async () => {
    const { token } = await logIn(await started(0))
    const here = await started(offset)

    expect(reasonOf(await here.manager.validateSession(token))).toBe('success')
  })

  it('refreshes, as its first, so that a retry elsewhere is given the same', async () => {
    const there = await started(0)
    const { refreshToken } = await logIn(there)
    const here = await started(offset)
    const pair = valueOf(await here.manager.refreshSession(refreshToken))
    const again = valueOf(await there.manager.refreshSession(refreshToken))

    expect([again.token, again.refreshToken]).toEqual([pair.token, pair.refreshToken])
    expect(reasonOf(await there.manager.validateSession(pair.token))).toBe('success')
  })

  it('lets nobody in who was disabled just now', async () => {
    const [here, there] = [await started(offset), await started(0)]
    const { token } = await logIn(there)
    here.users.user = { role: 'USER', disabledAt: new Date() }

    expect(reasonOf(await here.manager.validateSession(token))).toBe('disabled-user')
  })
})
