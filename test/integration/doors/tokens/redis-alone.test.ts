import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionManager } from 'holdfast/tokens'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'
import { logIn, reasonOf, signing, valueOf } from './token-site.js'

let engines: readonly SessionEngine[]
let managers: readonly SessionManager[]

beforeAll(() => {
  const options = { redis: sharedRedisUrl(), prefix: freshPrefix(), sweepEvery: false } as const
  engines = [1, 2, 3].map(() => openSessions(options))
  managers = engines.map((engine) => new SessionManager({ engine, signing }))
})

afterAll(() => Promise.all(engines.map((engine) => engine.close())))

it('with Redis as the ledger fifty refreshes of one token give one pair, and a replay ends all', async () => {
  const [manager] = managers
  const login = await logIn({ manager: manager! })
  const results = await Promise.all(
    Array.from({ length: 51 }, (_, at) => managers[at % 3]!.refreshSession(login.refreshToken)),
  )
  const pairs = results
    .map((each) => valueOf(each))
    .map(({ token, refreshToken }) => [token, refreshToken])
  const next = valueOf(await managers[1]!.refreshSession(pairs[0]![1]!))

  expect(new Set(pairs.map(String)).size).toBe(1)
  expect(reasonOf(await managers[2]!.refreshSession(login.refreshToken))).toBe('reused-token')
  for (const each of managers) {
    expect(reasonOf(await each.validateSession(next.token))).toBe('ended-session')
  }
})
