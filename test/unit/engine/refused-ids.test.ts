import { beforeEach, describe, expect, it } from '@jest/globals'
import { anId } from '../../../src/testing/fixtures.js'
import { HOUR, Held, MINUTE, SECOND, World, settled } from '../../support/engine.js'

let world: World

beforeEach(() => {
  world = new World()
})

describe('an id that the cache refuses for longer than the ledger does', () => {
  it.each(['any', 'new'] as const)('begins no session that nobody could read: %s', async (base) => {
    const here = world.start()
    const id = anId()
    await here.engine.remove(id)
    await world.clock.advance(11 * MINUTE)

    expect(await new Held(here.engine, id, { base }).save({ a: 1 })).toBe('gone')
    expect(await world.held(id)).toBe('absent')
    expect(here.heard('write-after-destroy')).toEqual([{ id }])
  })

  it('begins one again once a day is over', async () => {
    const id = anId()
    const before = world.start()
    await before.engine.remove(id)
    // An engine that is open counts each second of the day.
    await before.engine.close()
    await world.clock.advance(24 * HOUR)
    const here = world.start()

    expect(await new Held(here.engine, id, { base: 'any' }).save({ a: 1 })).toBe('written')
    expect(await here.read(id)).toEqual({ a: 1 })
  })
})

describe('a destroyed session that only the cache knows of', () => {
  it('is not kept alive by who had loaded it', async () => {
    const { mine, id, there } = await destroyedInTheCacheOnly()

    expect(await mine.save({ visits: 2 })).toBe('written')
    expect(await there.read(id)).toBeUndefined()
  })

  it('is not remembered by a read that the cache was too slow for', async () => {
    const { id, there } = await destroyedInTheCacheOnly()
    const release = there.cache.chaos.holdReplies(['read'], 1)
    const reading = there.read(id)
    await world.clock.advance(25)
    await settled()
    expect(await reading).toEqual({ visits: 1 })
    release()
    await settled()

    expect(await there.read(id)).toBeUndefined()
  })

  it('is not remembered by a read that the cache has failed', async () => {
    const { id, there } = await destroyedInTheCacheOnly()
    there.cache.chaos.fail(['read'], 1)
    await there.read(id)

    expect(await there.read(id)).toBeUndefined()
  })

  it('is not remembered by a write that the cache has failed', async () => {
    const { mine, id, there } = await destroyedInTheCacheOnly()
    there.cache.chaos.fail(['put'], 1)
    await mine.save({ visits: 2 })

    expect(await there.read(id)).toBeUndefined()
  })

  /** Its destroyer died before the ledger was told, and the messages of it are forgotten. */
  async function destroyedInTheCacheOnly() {
    const [here, there] = [world.startNear(), world.startNear()]
    const { id } = await there.begin({ visits: 1 })
    const mine = await there.load(id)
    here.ledger.chaos.fail(['revoke'])
    await here.engine.remove(id).catch(() => undefined)
    await here.engine.close()
    await world.clock.advance(21 * SECOND)
    return { mine, id, there }
  }
})

describe('a read that the cache was too slow for', () => {
  it('is remembered once the cache has not refused it', async () => {
    const there = world.startNear()
    const { id } = await world.start().begin({ visits: 1 })
    const release = there.cache.chaos.holdReplies(['read'], 1)
    const reading = there.read(id)
    await world.clock.advance(25)
    await settled()
    await reading
    expect(await there.engine.health()).toMatchObject({ near: { sessions: 0 } })
    release()
    await settled()

    expect(await there.engine.read(id)).toMatchObject({ tier: 'near' })
  })
})
