import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../services.js'
import { Program } from '../express/programs/run-program.js'
import type { Answer, Outcome, Question } from './programs/token-process.js'
import { logIn, openTokenSite, reasonOf, valueOf, type TokenSite } from './token-site.js'

let database: FreshDatabase
let site: TokenSite
let programs: readonly Program<Answer>[]

beforeAll(async () => {
  database = await freshDatabase()
  const place = { databaseUrl: database.url, redisUrl: sharedRedisUrl(), prefix: freshPrefix() }
  const { databaseUrl, redisUrl: redis, prefix } = place
  site = await openTokenSite({ databaseUrl, redis, prefix, near: true })
  programs = [1, 2, 3].map(() =>
    Program.start<Answer>('../../tokens/programs/token-process', place),
  )
  await Promise.all(programs.map((program) => program.next()))
}, 60_000)

afterAll(async () => {
  await Promise.all([site.close(), ...programs.map((program) => program.kill())])
  await database.drop()
})

/** What all three processes say, each asked so often at once. */
async function everywhere(question: Question): Promise<{ outcomes: Outcome[]; thefts: number }> {
  const answers = await Promise.all(
    programs.map(async (program) => {
      const next = program.next()
      program.send(JSON.stringify(question))
      const answer = await next
      return answer === 'ready' ? { outcomes: [], thefts: 0 } : answer
    }),
  )
  return {
    outcomes: answers.flatMap(({ outcomes }) => outcomes),
    thefts: answers.reduce((sum, { thefts }) => sum + thefts, 0),
  }
}

const refreshed = async (refreshToken: string) =>
  valueOf(await site.manager.refreshSession(refreshToken))

describe('in three processes at once', () => {
  it('fifty refreshes of one token give one successor, no error, and log nobody out', async () => {
    for (let round = 0; round < 5; round++) {
      const login = await logIn(site)
      const question = { ask: 'refresh', token: login.refreshToken, times: 17 } as const
      const { outcomes, thefts } = await everywhere(question)
      const pairs = new Set(outcomes.map(({ pair }) => JSON.stringify(pair)))

      expect(outcomes).toHaveLength(51)
      expect(outcomes.flatMap(({ reason }) => reason ?? [])).toEqual([])
      expect(pairs.size).toBe(1)
      expect(thefts).toBe(0)
      const [token, refreshToken] = outcomes[0]!.pair!
      expect(reasonOf(await site.manager.validateSession(token!))).toBe('success')
      expect(reasonOf(await site.manager.refreshSession(refreshToken!))).toBe('success')
    }
  }, 60_000)

  it('a token that was logged out is dead at the next call', async () => {
    const { token } = await logIn(site)
    const question = { ask: 'validate', token, times: 3 } as const
    const before = await everywhere(question)
    await site.manager.destroySession(token)
    const after = await everywhere(question)

    expect(before.outcomes).toEqual(Array(9).fill({}))
    expect(after.outcomes).toEqual(Array(9).fill({ reason: 'ended-session' }))
  })
})

describe('a replay of the third token, ten generations on,', () => {
  it('ends family and session everywhere, with one event for all who replay it', async () => {
    const heard: unknown[] = []
    site.manager.on('token.theft', (theft) => heard.push(theft))
    const login = await logIn(site)
    const tokens = [login.refreshToken]
    while (tokens.length < 14) tokens.push((await refreshed(tokens.at(-1)!)).refreshToken)
    const validated = await everywhere({ ask: 'validate', token: login.token, times: 1 })
    const before = await everywhere({ ask: 'refresh', token: tokens.at(-1)!, times: 1 })
    const replayed = await everywhere({ ask: 'refresh', token: tokens[3]!, times: 5 })

    expect(validated.outcomes).toEqual(Array(3).fill({}))
    expect(new Set(before.outcomes.map(({ pair }) => String(pair))).size).toBe(1)
    expect(before.thefts).toBe(0)
    const reasons = replayed.outcomes.map(({ reason }) => reason)
    expect(reasons).toContain('reused-token')
    expect(['reused-token', 'ended-session']).toEqual(expect.arrayContaining([...new Set(reasons)]))
    expect(replayed.thefts + heard.length).toBe(1)
    for (const ask of ['validate', 'refresh'] as const) {
      const token = ask === 'validate' ? login.token : before.outcomes[0]!.pair![1]!
      const { outcomes } = await everywhere({ ask, token, times: 2 })
      expect(outcomes).toEqual(Array(6).fill({ reason: 'ended-session' }))
    }
    expect(await site.engine.list()).not.toContainEqual(
      expect.objectContaining({ id: login.session.id }),
    )
  }, 30_000)
})
