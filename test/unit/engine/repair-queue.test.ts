import { beforeEach, describe, expect, it } from '@jest/globals'
import { SECOND, World, settled, type Held, type Process } from '../../support/engine.js'

let world: World
let here: Process
let session: Held

beforeEach(async () => {
  world = new World()
  here = world.start()
  session = await here.begin({ visits: 1 })
})

/** A write that the cache is not told of: it holds what was there before. */
async function saveUntold(): Promise<void> {
  here.cache.chaos.fail(['put', 'forget'])
  await session.save({ visits: 2 })
}

/** So many are written down by somebody else. */
async function noteMany(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => `session ${i}` as Held['id'])
  await world.truth.noteRepairs(ids.map((id) => ({ id, version: 1 })))
}

describe('what the cache could not be told', () => {
  it('is told a second later by any process that reaches it', async () => {
    const there = world.start()
    await saveUntold()
    expect(await there.read(session.id)).toEqual({ visits: 1 })
    await world.clock.advance(SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 2 })
    expect(there.heard('repaired')).toEqual([{ sessions: 1 }])
    expect(await world.truth.pendingRepairs(10)).toEqual([])
  })

  it('is told again the next second where that fails', async () => {
    await saveUntold()
    await world.clock.advance(SECOND)
    expect(here.heard('background-failure')).toMatchObject([{ task: 'repair' }])
    here.cache.chaos.heal()
    await world.clock.advance(SECOND)

    expect(await world.cached(session.id)).toBe('absent')
    expect(world.storage.repairs.size).toBe(0)
  })

  it('leaves the cache in use where one id alone can not be told', async () => {
    await world.truth.noteRepairs([
      { id: session.id, version: 1 },
      { id: 'another' as Held['id'], version: 1 },
    ])
    const forget = world.sharedCache.forget.bind(world.sharedCache)
    world.sharedCache.forget = async (id, version) => {
      if (id === 'another') throw new Error('WRONGTYPE Operation against a key')
      await forget(id, version)
    }
    await world.clock.advance(3 * SECOND)

    expect(here.heard('cache-state')).toEqual([])
    expect(here.heard('background-failure')[0]).toMatchObject({ task: 'repair' })
    expect(await world.cached(session.id)).toBe('absent')
    expect([...world.storage.repairs.keys()]).toEqual(['another'])
  })

  it('is settled as far as it was told where the cache then refuses', async () => {
    await world.truth.noteRepairs([
      { id: session.id, version: 1 },
      { id: 'another' as Held['id'], version: 1 },
    ])
    const forget = world.sharedCache.forget.bind(world.sharedCache)
    world.sharedCache.forget = async (id, version) => {
      if (id === 'another') throw new Error('READONLY You can not write against a replica')
      await forget(id, version)
    }
    await world.clock.advance(SECOND)

    expect(here.heard('cache-state')[0]).toMatchObject({ state: 'open' })
    expect([...world.storage.repairs.keys()]).toEqual(['another'])
  })

  it('is not read from a cache that answers, and can not be told', async () => {
    const there = world.start()
    there.cache.chaos.fail(['forget'])
    await saveUntold()
    await world.clock.advance(SECOND)
    expect(await there.read(session.id)).toEqual({ visits: 2 })

    there.cache.chaos.heal()
    await world.clock.advance(3 * SECOND)
    expect(there.heard('cache-state').at(-1)).toMatchObject({ state: 'closed' })
    expect(await world.cached(session.id)).toBe('absent')
  })

  it('makes the cache forget whatever it holds: a ledger that lost commits has lower versions', async () => {
    await world.truth.noteRepairs([{ id: session.id, version: 1 }])
    await session.save({ visits: 2 })
    await world.clock.advance(SECOND)

    expect(await world.cached(session.id)).toBe('absent')
    expect(world.storage.repairs.size).toBe(0)
  })

  it('stays written down where a higher version is noted meanwhile', async () => {
    await world.truth.noteRepairs([{ id: session.id, version: 1 }])
    const release = here.ledger.chaos.hold(['settleRepairs'])
    await world.clock.advance(SECOND)
    await world.truth.noteRepairs([{ id: session.id, version: 2 }])
    release()
    await settled()

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
  })

  it('is told anew where the same version is noted again while the earlier note is settled', async () => {
    const [reader, writer] = [world.start(), world.start()]
    for (const { ledger } of [reader, writer]) ledger.chaos.fail(['pendingRepairs'])
    writer.cache.chaos.fail()
    const mine = await writer.load(session.id)
    // Nobody knows what became of the first attempt: version 2 is noted, and was not committed.
    writer.ledger.chaos.fail(['commit'], 2)
    await expect(mine.save({ visits: 2 })).rejects.toThrow()
    const settle = here.ledger.chaos.hold(['settleRepairs'])
    await world.clock.advance(SECOND)
    expect(await world.cached(session.id)).toBe('absent')

    const fill = reader.ledger.chaos.holdReplies(['read'], 1)
    const reading = reader.read(session.id)
    await settled()
    await mine.save({ visits: 2 })
    fill()
    expect(await reading).toEqual({ visits: 1 })
    settle()
    await world.clock.advance(2 * SECOND)

    expect(await reader.read(session.id)).toEqual({ visits: 2 })
    expect(world.storage.repairs.size).toBe(0)
  })

  it('is told by pages of five hundred', async () => {
    await noteMany(501)
    await world.clock.advance(SECOND)

    expect(here.heard('repaired')).toEqual([{ sessions: 500 }, { sessions: 1 }])
  })

  it('is left to the other processes by one that ends, but for what it has begun with', async () => {
    await noteMany(2_000)
    const page = here.ledger.chaos.hold(['pendingRepairs'], 1)
    await world.clock.advance(SECOND)
    const closing = here.engine.close()
    page()
    await closing

    expect(here.heard('repaired')).toEqual([{ sessions: 500 }])
  })

  it('is left to the others, too, by one that ends while it asks whether the cache can be trusted', async () => {
    here.cache.chaos.fail()
    for (let i = 0; i < 5; i++) await here.read(session.id)
    here.cache.chaos.heal()
    await noteMany(2_000)
    const page = here.ledger.chaos.hold(['pendingRepairs'], 1)
    await world.clock.advance(SECOND / 2)
    await here.engine.close()
    page()
    for (let turn = 0; turn < 50; turn++) await settled()

    expect(here.heard('repaired')).toEqual([{ sessions: 500 }])
  })

  it('is not asked for while the cache is out of reach', async () => {
    here.cache.chaos.fail()
    for (let i = 0; i < 5; i++) await here.read(session.id)
    await world.clock.advance(10 * SECOND)

    expect(here.ledger.chaos.calls(['pendingRepairs'])).toBe(0)
  })
})

describe('what the ledger could not be told either', () => {
  beforeEach(async () => {
    here.ledger.chaos.fail(['noteRepairs'])
    await saveUntold()
  })

  it('is kept, and counted', async () => {
    expect(world.storage.repairs.size).toBe(0)
    expect((await here.engine.health()).queues['repairs']).toBe(1)
  })

  it('is written down the next second', async () => {
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
    expect((await here.engine.health()).queues['repairs']).toBe(0)
  })

  it('is written down for the others while this process does not reach the cache', async () => {
    const there = world.start()
    here.cache.chaos.fail()
    for (let i = 0; i < 5; i++) await here.read(session.id)
    here.ledger.chaos.heal()
    await world.clock.advance(2 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 2 })
  })

  it('is an event each second while it can not be', async () => {
    await world.clock.advance(2 * SECOND)
    expect(here.heard('background-failure')).toHaveLength(2)
  })
})

describe('a cache that comes back after an outage', () => {
  /** While this process alone did not reach the cache, another wrote, and could not tell it either. */
  beforeEach(async () => {
    here.cache.chaos.fail()
    for (let i = 0; i < 5; i++) await here.read(session.id)
    await session.save({ visits: 2 })
    expect(await world.cached(session.id)).toEqual({ visits: 1 })
  })

  it('is trusted only after it was told what it had missed', async () => {
    here.cache.chaos.heal()
    await world.clock.advance(3 * SECOND)

    expect(here.heard('cache-state').at(-1)).toMatchObject({ state: 'closed' })
    expect(await world.cached(session.id)).toBe('absent')
    expect(await here.read(session.id)).toEqual({ visits: 2 })
  })

  it('is not trusted while the ledger can not say what it had missed', async () => {
    here.cache.chaos.heal()
    here.ledger.chaos.fail(['pendingRepairs'])
    await world.clock.advance(10 * SECOND)

    expect(here.heard('cache-state').at(-1)).toMatchObject({ state: 'open' })
    expect(await here.read(session.id)).toEqual({ visits: 2 })
  })

  it('is not asked by requests before', async () => {
    const calls = here.cache.chaos.calls(['read'])
    await here.read(session.id)

    expect(here.cache.chaos.calls(['read'])).toBe(calls)
  })
})
