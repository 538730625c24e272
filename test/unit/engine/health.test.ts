import { beforeEach, describe, expect, it } from '@jest/globals'
import { SECOND, World, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('the health of an engine', () => {
  it('is ok where all tiers answer', async () => {
    expect(await here.engine.health()).toEqual({
      status: 'ok',
      ledger: { name: 'memory', isReachable: true, latency: expect.any(Number) },
      cache: { name: 'in-process', isReachable: true, latency: expect.any(Number) },
      queues: {
        writes: 0,
        reads: 0,
        removals: 0,
        touches: 0,
        repairs: 0,
        untold: 0,
        chained: 0,
        lists: 0,
        unanswered: 0,
        unknown: 0,
      },
    })
  })

  it('tells how long each tier took by the clock that was given', async () => {
    const releaseCache = here.cache.chaos.hold()
    const releaseLedger = here.ledger.chaos.hold()
    const asking = here.engine.health()
    await world.clock.advance(7)
    releaseCache()
    await world.clock.advance(13)
    releaseLedger()

    expect(await asking).toMatchObject({ cache: { latency: 7 }, ledger: { latency: 20 } })
  })

  it('is ok without a cache', async () => {
    const health = await world.startWithoutCache().engine.health()
    expect(health.status).toBe('ok')
    expect(health).not.toHaveProperty('cache')
  })

  it('is degraded where the cache does not answer', async () => {
    here.cache.chaos.fail()
    expect(await here.engine.health()).toMatchObject({
      status: 'degraded',
      cache: { isReachable: false, problem: 'ERR_CACHE_UNAVAILABLE' },
    })
  })

  it('is degraded where the cache hangs', async () => {
    here.cache.chaos.hold()
    const asking = here.engine.health()
    await world.clock.advance(50)
    expect(await asking).toMatchObject({
      status: 'degraded',
      cache: { problem: 'ERR_CACHE_UNAVAILABLE' },
    })
  })

  it('is down where the ledger does not answer, whatever the cache does', async () => {
    here.ledger.chaos.fail()
    expect(await here.engine.health()).toMatchObject({
      status: 'down',
      ledger: { isReachable: false, problem: 'ERR_LEDGER_UNAVAILABLE' },
      cache: { isReachable: true },
    })
  })

  it('is down without a cache and a ledger', async () => {
    const alone = world.startWithoutCache()
    alone.ledger.chaos.fail()
    expect((await alone.engine.health()).status).toBe('down')
  })

  it('counts what waits', async () => {
    const session = await here.begin()
    await world.clock.advance(600 * SECOND)
    session.touch()
    const release = here.ledger.chaos.hold(['commit'])
    const saving = session.save({ visits: 2 })
    expect((await here.engine.health()).queues).toMatchObject({ chained: 1, touches: 0 })
    release()
    await saving
  })

  it('is told after closing, too', async () => {
    await here.engine.close()
    expect((await here.engine.health()).status).toBe('ok')
  })
})
