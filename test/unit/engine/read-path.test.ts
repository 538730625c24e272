import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import type { LoadedSession } from '../../../src/engine/loaded-session.js'
import { aRevocation, anId } from '../../../src/testing/fixtures.js'
import { HOUR, MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

/** A session that the ledger holds, and the cache does not. */
async function coldSession(content = { visits: 1 }): Promise<LoadedSession> {
  const session = await world.startWithoutCache().begin(content)
  return (await world.startWithoutCache().load(session.id)).loaded
}

describe('a read without a cache', () => {
  it('is answered by the ledger', async () => {
    const alone = world.startWithoutCache()
    const { id } = await alone.begin({ visits: 1 })

    expect(await alone.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'memory' })
  })

  it('finds no session where there is none', async () => {
    expect(await world.startWithoutCache().engine.read(anId())).toBeUndefined()
  })
})

describe('a read that the cache answers', () => {
  it('does not ask the ledger', async () => {
    const { id } = await here.begin({ visits: 1 })

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'in-process' })
    expect(here.ledger.chaos.calls(['read'])).toBe(0)
  })

  it('gives each reader an object of its own', async () => {
    const { id } = await here.begin({ cart: [1] })
    const [first, second] = await Promise.all([here.read(id), here.read(id)])

    expect(first).toEqual(second)
    expect(first?.['cart']).not.toBe(second?.['cart'])
  })

  it('is answered with the ledger down', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.ledger.chaos.fail()

    expect(await here.read(id)).toEqual({ visits: 1 })
  })

  it('finds no session at a tombstone, and does not ask the ledger', async () => {
    const { id } = await coldSession()
    await world.sharedCache.bury(id, { version: 2, ttl: HOUR })

    expect(await here.read(id)).toBeUndefined()
    expect(here.ledger.chaos.calls(['read'])).toBe(0)
  })
})

describe('a read that the cache can not answer', () => {
  it('is answered by the ledger, and fills the cache', async () => {
    const { id } = await coldSession({ visits: 2 })

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 2 }, tier: 'memory' })
    expect(await world.cached(id)).toEqual({ visits: 2 })
  })

  it('does not wait to ask a slow cache twice, and fills it afterwards', async () => {
    const { id } = await coldSession({ visits: 1 })
    const release = here.cache.chaos.holdReplies(['read'], 1)
    const hold = here.cache.chaos.hold(['reserve'])
    const reading = here.engine.read(id)
    await world.clock.advance(30)
    release()

    expect(await reading).toMatchObject({ tier: 'memory' })
    hold()
    await world.clock.advance(0)
    expect(await world.cached(id)).toEqual({ visits: 1 })
  })

  it('does not fill the cache with what another has written meanwhile', async () => {
    const { id } = await coldSession()
    const release = here.ledger.chaos.holdReplies(['read'])
    const reading = here.read(id)
    await settled()
    const there = world.start()
    await (await there.load(id)).save({ visits: 2 })
    release()

    expect(await reading).toEqual({ visits: 1 })
    expect(await world.cached(id)).toBe('absent')
    expect(await there.read(id)).toEqual({ visits: 2 })
  })

  it('does not fill the cache with what was ended meanwhile', async () => {
    const { id } = await coldSession()
    const release = here.ledger.chaos.holdReplies(['read'])
    const reading = here.read(id)
    await settled()
    await world.start().engine.remove(id)
    release()
    await reading

    expect(await world.cached(id)).toBe('tombstone')
  })

  it('leaves the cache alone where somebody else is filling it', async () => {
    const { id } = await coldSession()
    await world.sharedCache.reserve(id, 'another')

    expect(await here.read(id)).toEqual({ visits: 1 })
    expect(await world.cached(id)).toBe('filling')
  })

  it('takes what was put between its two looks at the cache', async () => {
    const { id } = await coldSession()
    const release = here.cache.chaos.hold(['reserve'])
    const reading = here.engine.read(id)
    await settled()
    await world.start().read(id)
    release()

    expect(await reading).toMatchObject({ content: { visits: 1 }, tier: 'in-process' })
  })

  it('tells the cache of a tombstone', async () => {
    const { id } = await coldSession()
    await world.truth.revoke([aRevocation({ id })])

    expect(await here.read(id)).toBeUndefined()
    expect(await world.cached(id)).toBe('tombstone')
  })

  it('leaves no more than a token behind where there is no session', async () => {
    const id = anId()

    expect(await here.read(id)).toBeUndefined()
    await world.clock.advance(3 * SECOND)
    expect(await world.cached(id)).toBe('absent')
  })
})

describe('a read with the cache out of reach', () => {
  it('is answered by the ledger when the cache fails, and the failure is an event', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.cache.chaos.fail()

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'memory' })
    expect(here.heard('cache-failure')).toEqual([
      { error: expect.objectContaining({ code: 'ERR_CACHE_UNAVAILABLE', operation: 'read' }) },
    ])
  })

  it('is answered by the ledger when the cache does not answer in time', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.cache.chaos.hold()
    const reading = here.engine.read(id)
    await world.clock.advance(50)

    expect(await reading).toMatchObject({ tier: 'memory' })
  })

  it('fails where the ledger is down as well: that is never "no session"', async () => {
    const { id } = await here.begin()
    here.cache.chaos.fail()
    here.ledger.chaos.fail()

    await expect(here.read(id)).rejects.toThrow(LedgerUnavailableError)
  })

  it('fails where the cache holds nothing and the ledger is down', async () => {
    here.ledger.chaos.fail()
    await expect(here.read(anId())).rejects.toThrow(LedgerUnavailableError)
  })
})

describe('a read of what has expired', () => {
  it('finds nothing', async () => {
    const { id } = await here.begin({ visits: 1 }, MINUTE)
    await world.clock.advance(MINUTE)

    expect(await here.read(id)).toBeUndefined()
  })

  it('asks the ledger where only the cache’s copy has', async () => {
    const { id, loaded } = await here.begin({ visits: 1 }, MINUTE)
    await world.truth.touch([{ id, ttl: HOUR }])
    const early = { ...loaded, data: '{}', writeId: 'w' }
    here.cache.read = async () => ({ kind: 'live', record: early, trust: 'sound', stamp: '' })
    await world.clock.advance(MINUTE)

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'memory' })
  })
})

describe('what was read', () => {
  it('is counted by the tier that answered', async () => {
    const { id } = await here.begin()
    const cold = await coldSession()
    await here.read(id)
    await here.read(cold.id)
    await here.read(anId())

    expect((await here.engine.stats()).counts).toMatchObject({
      cacheReads: 1,
      ledgerReads: 1,
      absentReads: 1,
    })
  })
})
