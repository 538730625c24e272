import { beforeEach, describe, expect, it } from '@jest/globals'
import type { FakeBus } from '../../support/fake-bus.js'
import { MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process & { readonly bus: FakeBus }
let there: Process

beforeEach(() => {
  world = new World()
  here = world.startNear()
  there = world.start()
})

describe('a read that this process answers by itself', () => {
  it('asks neither the cache nor the ledger', async () => {
    const { id } = await there.begin({ visits: 1 })
    await here.read(id)
    const calls = here.cache.chaos.calls()

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'near' })
    expect(here.cache.chaos.calls()).toBe(calls)
    expect((await here.engine.stats()).counts).toMatchObject({ nearReads: 1, cacheReads: 1 })
  })

  it('can be had at once, without a promise', async () => {
    const { id } = await there.begin({ visits: 1 })
    expect(here.engine.recall(id)).toBeUndefined()
    await here.read(id)

    expect(here.engine.recall(id)).toMatchObject({ content: { visits: 1 }, tier: 'near' })
    expect(here.engine.recall(id)?.content).not.toBe(here.engine.recall(id)?.content)
    expect((await here.engine.stats()).counts.nearReads).toBe(3)
  })

  it('is not had at once while this process writes the session, and after it was closed', async () => {
    const session = await here.begin({ visits: 1 })
    const saving = session.save({ visits: 2 })
    expect(here.engine.recall(session.id)).toBeUndefined()
    await saving
    expect(here.engine.recall(session.id)).toMatchObject({ content: { visits: 2 } })
    await here.engine.close()

    expect(here.engine.recall(session.id)).toBeUndefined()
  })

  it('sees what this process itself has written', async () => {
    const session = await here.begin({ visits: 1 })
    await session.save({ visits: 2 })

    expect(await here.engine.read(session.id)).toMatchObject({
      content: { visits: 2 },
      tier: 'near',
    })
  })

  it('is out of date for two seconds at most where a message of another process is lost', async () => {
    const session = await there.begin({ visits: 1 })
    await here.read(session.id)
    world.sharedCache.onChange = () => {}
    await session.save({ visits: 2 })
    await world.clock.advance(2 * SECOND - 1)
    expect(await here.read(session.id)).toEqual({ visits: 1 })
    await world.clock.advance(2)

    expect(await here.read(session.id)).toEqual({ visits: 2 })
  })

  it('gives each reader an object of its own', async () => {
    const { id } = await here.begin({ cart: [1] })
    const [first, second] = await Promise.all([here.read(id), here.read(id)])

    expect(first).toEqual(second)
    expect(first?.['cart']).not.toBe(second?.['cart'])
  })

  it('builds a save upon what it was given', async () => {
    const { id } = await here.begin({ visits: 1 })
    await (await here.load(id)).save({ visits: 2 })

    expect(await world.held(id)).toEqual({ visits: 2 })
    expect((await here.engine.stats()).counts).toMatchObject({ conflicts: 0 })
  })

  it('shows an expiry that was moved here', async () => {
    const { id } = await here.begin({ visits: 1 }, MINUTE)
    const held = await here.load(id)
    held.touch(10 * MINUTE)

    expect((await here.engine.read(id))?.expiresAt).toBe(world.clock.now() + 10 * MINUTE)
  })

  it('goes on with cache and ledger down', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.cache.chaos.fail()
    here.ledger.chaos.fail()

    expect(await here.read(id)).toEqual({ visits: 1 })
  })
})

describe('what this process remembers', () => {
  it('gives way to what another has written', async () => {
    const { id } = await here.begin({ visits: 1 })
    await (await there.load(id)).save({ visits: 2 })

    expect(await here.engine.read(id)).toMatchObject({
      content: { visits: 2 },
      tier: 'in-process',
    })
  })

  it('gives way to what another has ended', async () => {
    const { id } = await here.begin()
    await there.engine.remove(id)

    expect(await here.read(id)).toBeUndefined()
  })

  it('gives way to what it has ended itself, before anybody else is told', async () => {
    const { id } = await here.begin()
    here.cache.chaos.hold()
    here.ledger.chaos.hold(['revoke'])
    void here.engine.remove(id).catch(() => undefined)
    await settled()
    const reading = here.engine.read(id)
    await world.clock.advance(50)
    await settled()

    await expect(Promise.race([reading, Promise.resolve('waits')])).resolves.toBe('waits')
  })

  it('gives way where another could not tell the cache, once that is mended', async () => {
    const { id } = await here.begin({ visits: 1 })
    there.cache.chaos.fail()
    await (await there.load(id)).save({ visits: 2 })
    await world.clock.advance(SECOND)

    expect(await here.read(id)).toEqual({ visits: 2 })
  })

  it('is not believed once it is two seconds old', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(2 * SECOND + 1)

    expect(await here.engine.read(id)).toMatchObject({ tier: 'in-process' })
  })

  it('is not believed while the bus is broken, nor after that', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.bus.isHealthy = false
    expect(await here.engine.read(id)).toMatchObject({ tier: 'in-process' })
    here.bus.mend()

    expect(await here.engine.read(id)).toMatchObject({ tier: 'in-process' })
    expect(await here.engine.read(id)).toMatchObject({ tier: 'near' })
  })

  it('is not what a read brings that was overtaken on its way', async () => {
    const { id } = await there.begin({ visits: 1 })
    const release = here.cache.chaos.holdReplies(['read'], 1)
    const reading = here.read(id)
    await settled()
    await (await there.load(id)).save({ visits: 2 })
    release()

    expect(await reading).toEqual({ visits: 1 })
    expect(await here.read(id)).toEqual({ visits: 2 })
  })

  it('is forgotten where it is unknown what became of a write', async () => {
    const session = await here.begin({ visits: 1 })
    here.ledger.chaos.fail(['commit'])
    await expect(session.save({ visits: 2 })).rejects.toThrow()
    here.ledger.chaos.heal()

    expect(await here.engine.read(session.id)).toMatchObject({ tier: 'in-process' })
  })

  it('is told of by health, and whether it is believed', async () => {
    await here.begin()
    expect((await here.engine.health()).near).toEqual({ isBelieved: true, sessions: 1 })
    here.bus.isHealthy = false

    expect(await here.engine.health()).toMatchObject({ status: 'ok', near: { isBelieved: false } })
  })

  it('is gone with the engine, and the bus with it', async () => {
    expect(here.bus.isStarted).toBe(true)
    await here.engine.close()

    expect(here.bus.isClosed).toBe(true)
  })
})
