import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import { anId } from '../../../src/testing/fixtures.js'
import { HOUR, Held, MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('a removal with the ledger out of reach', () => {
  it('rejects, and the cache refuses the session for every process', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.fail(['revoke'])

    await expect(here.engine.remove(id)).rejects.toThrow(LedgerUnavailableError)
    expect(await world.start().read(id)).toBeUndefined()
    expect(here.heard('revoked')).toEqual([])
  })

  it('is made durable once the ledger is back', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.fail(['revoke'])
    await here.engine.remove(id).catch(() => undefined)
    await world.clock.advance(5 * SECOND)
    expect(await world.held(id)).toEqual({ visits: 1 })
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)

    expect(await world.held(id)).toBe('tombstone')
    expect((await here.engine.health()).queues['removals']).toBe(0)
  })

  it('is refused, and made durable, though twenty thousand writes are under way', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.hold(['commit'])
    for (let n = 0; n < 20_000; n++) {
      new Held(here.engine, anId(`${n}`), { base: 'new' }).save({ n }).catch(() => undefined)
    }

    await expect(here.engine.remove(id)).rejects.toThrow(LedgerUnavailableError)
    expect(await world.start().read(id)).toBeUndefined()
    here.ledger.chaos.heal()
    await world.clock.advance(MINUTE)
    expect(await world.held(id)).toBe('tombstone')
  })

  it('is made durable too where the cache took it without an answer', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.fail(['revoke'])
    here.cache.chaos.holdReplies(['bury'], 1)
    const removing = here.engine.remove(id).catch(() => undefined)
    await world.clock.advance(100)
    await removing
    expect(await world.cached(id)).toBe('tombstone')
    here.ledger.chaos.heal()
    await world.clock.advance(2 * SECOND)

    expect(await world.held(id)).toBe('tombstone')
  })

  it('is refused by this process, too, where the cache took it without an answer in time', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.fail(['revoke'])
    const answer = here.cache.chaos.holdReplies(['bury'], 1)
    const removing = here.engine.remove(id).catch((error: unknown) => error)
    await world.clock.advance(101)
    expect(await removing).toBeInstanceOf(LedgerUnavailableError)
    answer()
    await settled()

    expect(await here.read(id)).toBeUndefined()
  })

  it('is tried a last time when the process ends, which waits for it, whatever becomes of the others', async () => {
    const [one, other] = [await here.begin(), await here.begin()]
    here.ledger.chaos.fail(['revoke'])
    await Promise.allSettled([one, other].map(({ id }) => here.engine.remove(id)))
    here.ledger.chaos.heal()
    const bury = here.cache.chaos.hold(['bury'], 1)
    here.ledger.chaos.fail(['revoke'], 2)
    const closed = jest.fn()
    const closing = here.engine.close().then(closed)
    for (let turn = 0; turn < 20; turn++) await settled()
    expect(closed).not.toHaveBeenCalled()
    bury()
    await closing

    expect(await world.held(one.id)).toBe('tombstone')
    expect(await world.held(other.id)).toEqual({ visits: 1 })
  })

  it('keeps none that waits behind it from being made durable', async () => {
    const sessions = await Promise.all(Array.from({ length: 140 }, () => here.begin()))
    here.ledger.chaos.fail(['revoke'])
    await Promise.allSettled(sessions.map(({ id }) => here.engine.remove(id)))
    here.ledger.chaos.heal()
    const bury = here.cache.chaos.hold(['bury'], 1)
    // They are two statements. Both fail, and one does so when it is repeated.
    here.ledger.chaos.fail(['revoke'], 3)
    await world.clock.advance(SECOND)
    bury()
    for (let turn = 0; turn < 20; turn++) await settled()

    const held = await Promise.all(sessions.map(({ id }) => world.held(id)))
    expect(held.slice(1, 65)).toEqual(Array.from({ length: 64 }, () => ({ visits: 1 })))
    expect(held.slice(65)).toEqual(Array.from({ length: 75 }, () => 'tombstone'))
    expect(here.heard('background-failure')).toHaveLength(1)
  })

  it('is not tried again without a cache: nobody refuses the session', async () => {
    const alone = world.startWithoutCache()
    const { id } = await alone.begin()
    alone.ledger.chaos.fail(['revoke'])
    await alone.engine.remove(id).catch(() => undefined)
    alone.ledger.chaos.heal()
    await world.clock.advance(HOUR / 2)

    expect(await alone.read(id)).toEqual({ visits: 1 })
  })
})
