import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { SessionManager, type Issued } from 'holdfast/tokens'
import { logIn, reasonOf, signing, valueOf } from '../../../integration/doors/tokens/token-site.js'
import { MINUTE, SECOND, World, type Process } from '../../../support/engine.js'

let world: World
let here: Process
let there: Process
let managers: readonly [here: SessionManager, there: SessionManager]
let login: Issued

beforeEach(async () => {
  world = new World()
  here = world.start()
  there = world.start()
  const [one, other] = [here, there].map(
    ({ engine }) => new SessionManager({ engine, signing, rateLimits: false }),
  )
  managers = [one!, other!]
  login = await logIn({ manager: managers[0] }, randomUUID())
})

/** Refreshes here, of which the cache that the other process reads is not told. */
async function refreshUntold(refreshToken: string): Promise<Issued> {
  here.cache.chaos.fail()
  const next = valueOf(await managers[0].refreshSession(refreshToken))
  const held = (await world.cached(login.session.id as never)) as { tokens: { generation: number } }
  expect(held.tokens.generation).toBe(0)
  return next
}

describe('where a cache is behind the ledger', () => {
  it('the newest token is good, though the cache has never heard of it', async () => {
    const next = await refreshUntold(login.refreshToken)

    expect(reasonOf(await managers[1].refreshSession(next.refreshToken))).toBe('success')
  })

  it('a token that was used a moment ago gives the pair that was given for it', async () => {
    const next = await refreshUntold(login.refreshToken)
    const again = valueOf(await managers[1].refreshSession(login.refreshToken))

    expect([again.token, again.refreshToken]).toEqual([next.token, next.refreshToken])
  })

  it('a token that was used long ago ends the session, though the cache takes it for good', async () => {
    const next = await refreshUntold(login.refreshToken)
    const standing = managers[1].refreshSession(login.refreshToken)
    expect(reasonOf(await standing)).toBe('success')
    await world.clock.advance(MINUTE)

    expect(reasonOf(await managers[1].refreshSession(login.refreshToken))).toBe('reused-token')
    expect(reasonOf(await managers[0].refreshSession(next.refreshToken))).toBe('ended-session')
  })

  it('a replay is told by the ledger’s time, though the cache takes it for the newest', async () => {
    const next = await refreshUntold(login.refreshToken)
    const newest = valueOf(await managers[0].refreshSession(next.refreshToken))
    there.ledger.chaos.fail(['pendingRepairs'])
    here.ledger.chaos.fail(['pendingRepairs'])
    await world.clock.advance(20 * SECOND)
    const held = (await world.cached(login.session.id as never)) as {
      tokens: { generation: number }
    }

    expect(held.tokens.generation).toBe(0)
    expect(reasonOf(await managers[1].refreshSession(login.refreshToken))).toBe('reused-token')
    expect(reasonOf(await managers[1].refreshSession(newest.refreshToken))).toBe('ended-session')
  })

  it('a token of nobody is refused all the same', async () => {
    await refreshUntold(login.refreshToken)
    const guess = `${login.refreshToken.slice(0, 60)}AAAA${login.refreshToken.slice(64)}`

    expect(reasonOf(await managers[1].refreshSession(guess))).toBe('invalid-token')
    expect(reasonOf(await managers[1].validateSession(login.token))).toBe('success')
  })
})
