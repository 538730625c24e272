import { beforeEach, describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from '../../../src/core/errors.js'
import { HOUR, MINUTE, SECOND, World, type Held, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

/** Sessions whose expiry a touch would move. */
async function touchable(count: number): Promise<readonly Held[]> {
  const sessions = await Promise.all(Array.from({ length: count }, () => here.begin()))
  await world.clock.advance(10 * MINUTE)
  return sessions
}

describe('a touch', () => {
  it('is visible to reads of this process at once', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    session.touch(HOUR)

    const read = await here.engine.read(session.id)
    expect(read?.expiresAt).toBe(world.clock.now() + HOUR)
    expect(world.ttlOf(session)).toBe(50 * MINUTE)
  })

  it('is persisted within a second, in ledger and cache', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    session.touch(HOUR)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - SECOND)
    const cached = await world.sharedCache.read(session.id)
    expect(cached).toMatchObject({ record: { expiresAt: world.clock.now() + HOUR - SECOND } })
  })

  it.each([NaN, Infinity, undefined as never])(
    'to %p is refused, and keeps no other from being persisted',
    async (ttl) => {
      const [session, other] = [await here.begin(), await here.begin()]
      await world.clock.advance(10 * MINUTE)
      expect(() => here.engine.touch(session.loaded, ttl)).toThrow(InvalidOptionError)
      other.touch(HOUR)
      await world.clock.advance(SECOND)

      expect(world.ttlOf(other)).toBe(HOUR - SECOND)
    },
  )

  it('mints no version', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    await world.clock.advance(SECOND)

    expect(await world.versions(session.id)).toEqual([1, 1])
  })

  it('never moves an expiry earlier', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    session.touch(MINUTE)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - SECOND)
  })

  it('never moves an expiry past the absolute one', async () => {
    const bounded = world.start({ absoluteTtl: '2h' })
    const session = await bounded.begin({ visits: 1 }, HOUR)
    await world.clock.advance(HOUR / 2)
    session.touch(10 * HOUR)

    const read = await bounded.engine.read(session.id)
    expect(read?.expiresAt).toBe(session.loaded.absoluteExpiresAt)
    await world.clock.advance(SECOND)
    expect(world.ttlOf(session)).toBe(1.5 * HOUR - SECOND)
  })

  it('waits with others for one statement', async () => {
    const sessions = await Promise.all([here.begin(), here.begin(), here.begin()])
    await world.clock.advance(10 * MINUTE)
    for (const session of sessions) session.touch()
    expect((await here.engine.health()).queues['touches']).toBe(3)
    await world.clock.advance(SECOND)

    expect(here.ledger.chaos.calls(['touch'])).toBe(1)
    expect((await here.engine.stats()).counts.touches).toBe(3)
    expect((await here.engine.health()).queues['touches']).toBe(0)
  })

  it('goes in statements of five hundred', async () => {
    const sessions = await Promise.all(Array.from({ length: 501 }, () => here.begin()))
    await world.clock.advance(10 * MINUTE)
    for (const session of sessions) session.touch()
    await world.clock.advance(SECOND)

    expect(here.ledger.chaos.calls(['touch'])).toBe(2)
  })

  it('goes at once where a thousand wait', async () => {
    const sessions = await touchable(1_001)
    for (const session of sessions.slice(0, 999)) session.touch()
    await world.clock.advance(1)
    expect(here.ledger.chaos.calls(['touch'])).toBe(0)

    sessions[999]!.touch()
    await world.clock.advance(1)

    expect(here.ledger.chaos.calls(['touch'])).toBe(2)
    expect((await here.engine.health()).queues['touches']).toBe(0)
  })

  it('goes in two statements at a time', async () => {
    const sessions = await touchable(1_501)
    for (const session of sessions) session.touch()
    const release = here.ledger.chaos.hold(['touch'])
    await world.clock.advance(SECOND)
    expect(here.ledger.chaos.calls(['touch'])).toBe(2)

    here.ledger.chaos.heal()
    release()
    await world.clock.advance(SECOND)
    expect(here.ledger.chaos.calls(['touch'])).toBe(4)
  })

  it('is persisted though another statement fails meanwhile; then no more are tried', async () => {
    const sessions = await touchable(1_500)
    const { ledger } = here
    const touch = ledger.touch.bind(ledger)
    ledger.touch = (touches) => {
      const isRefused = touches.some(({ id }) => id === sessions[0]!.id)
      return isRefused ? Promise.reject(new Error('Refused')) : touch(touches)
    }
    for (const session of sessions) session.touch()
    await world.clock.advance(1)

    expect(ledger.chaos.calls(['touch'])).toBe(1)
    expect((await here.engine.health()).queues['touches']).toBe(1_000)
  })

  it('that a shorter lifetime was written after, while others went, does not go itself', async () => {
    const sessions = await touchable(1_500)
    const release = here.ledger.chaos.hold(['touch'])
    for (const session of sessions) session.touch(2 * HOUR)
    await world.clock.advance(1)
    const last = sessions[1_499]!
    await last.save({ visits: 2 }, MINUTE)
    here.ledger.chaos.heal()
    release()
    await world.clock.advance(SECOND)

    expect(world.ttlOf(last)).toBeLessThanOrEqual(MINUTE)
    expect(world.ttlOf(sessions[1_498]!)).toBeGreaterThan(HOUR)
  })

  it('is waited for by whoever closes, though another statement has failed', async () => {
    const sessions = await touchable(900)
    const { ledger } = here
    const touch = ledger.touch.bind(ledger)
    const release = ledger.chaos.hold(['touch'])
    ledger.touch = (touches) => {
      const isRefused = touches.some(({ id }) => id === sessions[0]!.id)
      return isRefused ? Promise.reject(new Error('Refused')) : touch(touches)
    }
    for (const session of sessions) session.touch(2 * HOUR)
    let isClosed = false
    const closing = here.engine.close().then(() => (isClosed = true))
    await world.clock.advance(1)
    expect(isClosed).toBe(false)

    release()
    await closing
    expect(world.ttlOf(sessions[899]!)).toBeGreaterThan(HOUR)
  })

  it('is tried again after a second where that failed, however many wait', async () => {
    const sessions = await touchable(1_100)
    here.ledger.chaos.fail(['touch'])
    for (const session of sessions.slice(0, 1_000)) session.touch()
    await world.clock.advance(1)
    const calls = here.ledger.chaos.calls(['touch'])
    for (const session of sessions.slice(1_000)) {
      session.touch()
      await world.clock.advance(1)
    }

    expect(here.ledger.chaos.calls(['touch'])).toBe(calls)
    await world.clock.advance(SECOND)
    expect(here.ledger.chaos.calls(['touch'])).toBeGreaterThan(calls)
  })

  it('is persisted in time for a session that is about to expire', async () => {
    const session = await here.begin({ visits: 1 }, 200)
    await world.clock.advance(100)
    session.touch(200)
    await world.clock.advance(99)

    expect(world.ttlOf(session)).toBe(101)
  })

  it('brings forward what waits, where one session can not wait', async () => {
    const [calm, urgent] = await Promise.all([
      here.begin({}, HOUR),
      here.begin({}, 10 * MINUTE + 100),
    ])
    await world.clock.advance(10 * MINUTE)
    calm.touch(HOUR)
    urgent.touch(HOUR)
    await world.clock.advance(50)

    expect(here.ledger.chaos.calls(['touch'])).toBe(1)
    expect(world.ttlOf(calm)).toBe(HOUR - 50)
  })
})

describe('a touch that moves the expiry by little', () => {
  const touchAfter = async (ms: number, process = here, ttl = HOUR): Promise<number> => {
    const session = await process.begin({ visits: 1 }, ttl)
    await world.clock.advance(ms)
    session.touch(ttl)
    await world.clock.advance(SECOND)
    return process.ledger.chaos.calls(['touch'])
  }

  it('is not persisted below a minute, and counted', async () => {
    expect(await touchAfter(MINUTE - 1)).toBe(0)
    expect((await here.engine.stats()).counts.touchesSkipped).toBe(1)
  })

  it('is persisted from a minute on', async () => {
    expect(await touchAfter(MINUTE)).toBe(1)
  })

  it('is not persisted below a tenth of a short lifetime', async () => {
    expect(await touchAfter(9 * SECOND, here, 100 * SECOND)).toBe(0)
  })

  it('is persisted from a tenth of a short lifetime on', async () => {
    expect(await touchAfter(10 * SECOND, here, 100 * SECOND)).toBe(1)
  })

  it('is persisted each time where touchEvery is 0', async () => {
    expect(await touchAfter(1, world.start({ touchEvery: 0 }))).toBe(1)
  })

  it('is measured by the expiry, and not by the time since the last', async () => {
    const session = await here.begin({ visits: 1 }, MINUTE)
    session.touch(HOUR)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - SECOND)
  })

  it('is measured from what waits already', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    await world.clock.advance(10)
    session.touch()
    await world.clock.advance(SECOND)

    expect((await here.engine.stats()).counts).toMatchObject({ touches: 1, touchesSkipped: 1 })
  })

  it('is not persisted where nothing moves', async () => {
    const eager = world.start({ touchEvery: 0 })
    const session = await eager.begin()
    session.touch()

    expect((await eager.engine.stats()).counts.touchesSkipped).toBe(1)
  })
})

describe('more touches than may wait', () => {
  it('let the oldest give way', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    for (let i = 0; i <= 10_000; i++) {
      here.engine.touch({ ...session.loaded, id: `session ${i}` as Held['id'] }, HOUR)
    }

    expect((await here.engine.health()).queues['touches']).toBe(10_000)
  })
})
