import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import { MAX_VERSION } from '../../../src/core/ledger.js'
import { anId } from '../../../src/testing/fixtures.js'
import { Held, MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('a removal', () => {
  it('ends a session in ledger and cache, and is told', async () => {
    const { id } = await here.begin()

    expect(await here.engine.remove(id, 'logout')).toBe(true)
    expect([await world.held(id), await world.cached(id)]).toEqual(['tombstone', 'tombstone'])
    expect(here.heard('revoked')).toEqual([{ id, reason: 'logout' }])
    expect((await here.engine.stats()).counts.revocations).toBe(1)
  })

  it('finds nothing to end a second time', async () => {
    const { id } = await here.begin()
    await here.engine.remove(id)

    expect(await here.engine.remove(id)).toBe(false)
    expect(here.heard('revoked')).toHaveLength(1)
  })

  it('is refused by the cache before the ledger knows', async () => {
    const { id } = await here.begin()
    const release = here.ledger.chaos.hold(['revoke'])
    const removing = here.engine.remove(id)
    await settled()

    expect(await world.held(id)).toEqual({ visits: 1 })
    expect(await world.cached(id)).toBe('tombstone')
    release()
    await removing
  })

  it('tells the cache again after the commit, for a tombstone may have been lost', async () => {
    const { id } = await here.begin()
    const release = here.ledger.chaos.hold(['revoke'])
    const removing = here.engine.remove(id)
    await settled()
    const emptied = new World()
    here.cache.bury = (...args) => emptied.sharedCache.bury(...args)
    release()
    await removing

    expect(await emptied.cached(id)).toBe('tombstone')
  })

  it('tells a cache once the ledger has it that was late before', async () => {
    const [{ id }, other] = [await here.begin(), await here.begin()]
    const answer = here.cache.chaos.hold(['read'], 1)
    const late = here.read(other.id)
    await world.clock.advance(101)
    await late
    const release = here.ledger.chaos.hold(['revoke'])
    const removing = here.engine.remove(id)
    await settled()
    answer()
    await settled()
    release()

    expect(await removing).toBe(true)
    expect(await world.cached(id)).toBe('tombstone')
  })

  it('of an absent id refuses an insert that is still under way', async () => {
    const id = anId()

    expect(await here.engine.remove(id)).toBe(false)
    expect(await new Held(here.engine, id, { base: 'new' }).save({ a: 1 })).toBe('gone')
  })

  it('of an absent id refuses an insert of another process', async () => {
    const id = anId()
    await here.engine.remove(id)
    const there = world.startWithoutCache()

    expect(await new Held(there.engine, id, { base: 'new' }).save({ a: 1 })).toBe('gone')
  })

  it('of an absent id is forgotten after ten minutes', async () => {
    const id = anId()
    await here.engine.remove(id)
    await world.clock.advance(10 * MINUTE)

    expect(await world.held(id)).toBe('absent')
  })

  it('of many at once is one statement', async () => {
    const sessions = await Promise.all([here.begin(), here.begin(), here.begin()])
    const removed = await Promise.all(sessions.map(({ id }) => here.engine.remove(id)))

    expect(removed).toEqual([true, true, true])
    expect(here.ledger.chaos.calls(['revoke'])).toBe(1)
  })
})

it.each([[null], [7], ['because \0']])(
  'a removal for the reason %p is a removal',
  async (reason) => {
    const { id } = await here.begin()
    expect(await here.engine.remove(id, reason as string)).toBe(true)
    expect(await world.held(id)).toBe('tombstone')
  },
)

describe('a removal with the cache out of reach', () => {
  it('is durable, and written down for the cache in the same statement', async () => {
    const { id } = await here.begin()
    here.cache.chaos.fail(['bury'])

    expect(await here.engine.remove(id)).toBe(true)
    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id, version: MAX_VERSION }])
  })

  it('is refused by every process a second later', async () => {
    const { id } = await here.begin()
    const there = world.start()
    here.cache.chaos.fail()
    await here.engine.remove(id)
    await world.clock.advance(SECOND)

    expect(await there.read(id)).toBeUndefined()
  })

  it('is written down where the cache is told but once', async () => {
    const { id } = await here.begin()
    const release = here.ledger.chaos.hold(['revoke'])
    const removing = here.engine.remove(id)
    await settled()
    here.cache.chaos.fail(['bury'])
    release()
    await removing

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id }])
  })
})

describe('the removal of a user’s sessions', () => {
  it('ends all of them, and nobody else’s', async () => {
    await Promise.all([1, 2, 3].map(() => here.begin({ userId: 'ada' })))
    const other = await here.begin({ userId: 'bob' })

    expect(await here.engine.removeUser('ada')).toBe(3)
    expect(await here.engine.list()).toMatchObject([{ id: other.id }])
  })

  it('spares the one that is excepted', async () => {
    const [mine] = await Promise.all([1, 2].map(() => here.begin({ userId: 7 })))

    expect(await here.engine.removeUser(7, { except: mine!.id })).toBe(1)
    expect(await here.read(mine!.id)).toEqual({ userId: 7 })
  })

  it('ends those that begin meanwhile', async () => {
    await here.begin({ userId: 'ada' })
    const release = here.ledger.chaos.hold(['revoke'], 1)
    const removing = here.engine.removeUser('ada')
    await settled()
    const late = await world.start().begin({ userId: 'ada' })
    release()

    expect(await removing).toBe(2)
    expect(await world.held(late.id)).toBe('tombstone')
  })

  it('ends those that begin meanwhile, where the reply to the first end is lost', async () => {
    await here.begin({ userId: 'ada' })
    const release = here.ledger.chaos.holdReplies(['list'], 1)
    const removing = here.engine.removeUser('ada')
    await settled()
    const late = await world.start().begin({ userId: 'ada' })
    here.ledger.chaos.loseReplies(['revoke'], 1)
    release()
    await removing

    expect(await world.held(late.id)).toBe('tombstone')
  })

  it('ends more than a page holds', async () => {
    await Promise.all(Array.from({ length: 501 }, () => here.begin({ userId: 'ada' })))

    expect(await here.engine.removeUser('ada')).toBe(501)
    expect((await here.engine.stats()).active).toBe(0)
  })

  it.each(['', undefined as unknown as string])('ends nothing for the user %p', async (user) => {
    await here.begin()

    expect(await here.engine.removeUser(user)).toBe(0)
    expect((await here.engine.stats()).active).toBe(1)
  })
})

describe('the removal of all sessions', () => {
  it('ends every one, with a user or without', async () => {
    await Promise.all([here.begin({ userId: 'ada' }), here.begin()])

    expect(await here.engine.removeAll()).toBe(2)
    expect(await here.engine.list()).toEqual([])
  })

  it('rejects where the ledger can not list them', async () => {
    here.ledger.chaos.fail(['list'])
    await expect(here.engine.removeAll()).rejects.toThrow(LedgerUnavailableError)
  })
})
