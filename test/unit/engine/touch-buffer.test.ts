import { beforeEach, describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from '../../../src/core/errors.js'
import { aRevocation } from '../../../src/testing/fixtures.js'
import {
  HOUR,
  MINUTE,
  SECOND,
  World,
  settled,
  type Held,
  type Process,
} from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

/** When the ledger's session ends, from now on. */
function ledgerTtl({ id }: Held): number {
  return world.storage.sessions.get(id)!.expiresAt - world.clock.now()
}

describe('a touch', () => {
  it('is visible to reads of this process at once', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    session.touch(HOUR)

    const read = await here.engine.read(session.id)
    expect(read?.expiresAt).toBe(world.clock.now() + HOUR)
    expect(ledgerTtl(session)).toBe(50 * MINUTE)
  })

  it('is persisted within a second, in ledger and cache', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    session.touch(HOUR)
    await world.clock.advance(SECOND)

    expect(ledgerTtl(session)).toBe(HOUR - SECOND)
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

      expect(ledgerTtl(other)).toBe(HOUR - SECOND)
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

    expect(ledgerTtl(session)).toBe(HOUR - SECOND)
  })

  it('never moves an expiry past the absolute one', async () => {
    const bounded = world.start({ absoluteTtl: '2h' })
    const session = await bounded.begin({ visits: 1 }, HOUR)
    await world.clock.advance(HOUR / 2)
    session.touch(10 * HOUR)

    const read = await bounded.engine.read(session.id)
    expect(read?.expiresAt).toBe(session.loaded.absoluteExpiresAt)
    await world.clock.advance(SECOND)
    expect(ledgerTtl(session)).toBe(1.5 * HOUR - SECOND)
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

  it('is persisted in time for a session that is about to expire', async () => {
    const session = await here.begin({ visits: 1 }, 200)
    await world.clock.advance(100)
    session.touch(200)
    await world.clock.advance(99)

    expect(ledgerTtl(session)).toBe(101)
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
    expect(ledgerTtl(calm)).toBe(HOUR - 50)
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

    expect(ledgerTtl(session)).toBe(HOUR - SECOND)
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

describe('a touch that waits', () => {
  const touched = async (): Promise<Held> => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    return session
  }

  it('is forgotten by a write, which sets the expiry anew', async () => {
    const session = await touched()
    await session.save({ visits: 2 }, MINUTE)
    await world.clock.advance(SECOND)

    expect(ledgerTtl(session)).toBe(MINUTE - SECOND)
    expect(here.ledger.chaos.calls(['touch'])).toBe(0)
  })

  it('is forgotten by a removal', async () => {
    const session = await touched()
    await here.engine.remove(session.id)
    await world.clock.advance(SECOND)

    expect(here.ledger.chaos.calls(['touch'])).toBe(0)
  })

  it('makes the cache refuse what another process has ended', async () => {
    const session = await touched()
    await world.truth.revoke([aRevocation({ id: session.id })])
    await world.clock.advance(SECOND)

    expect(await world.cached(session.id)).toBe('tombstone')
    expect(await here.read(session.id)).toBeUndefined()
  })

  it('makes the cache forget what the ledger does not hold', async () => {
    const session = await touched()
    world.storage.sessions.delete(session.id)
    await world.clock.advance(SECOND)

    expect(await world.cached(session.id)).toBe('absent')
    expect(here.heard('cache-failure')).toEqual([])
  })

  it('counts as persisted only where the ledger holds a live session', async () => {
    const live = await touched()
    const [ended, absent] = await Promise.all([here.begin(), here.begin()])
    for (const session of [live, ended, absent]) session.touch(2 * HOUR)
    await world.truth.revoke([aRevocation({ id: ended.id })])
    world.storage.sessions.delete(absent.id)
    await world.clock.advance(SECOND)

    expect(ledgerTtl(live)).toBe(2 * HOUR - SECOND)
    expect((await here.engine.stats()).counts.touches).toBe(1)
  })

  it('makes the cache forget an older version than the ledger’s', async () => {
    const session = await touched()
    await (await world.startWithoutCache().load(session.id)).save({ visits: 2 })
    await world.clock.advance(SECOND)

    expect(await world.cached(session.id)).toBe('absent')
  })

  it('is tried again each second while the ledger fails, and that is an event', async () => {
    const session = await touched()
    here.ledger.chaos.fail(['touch'])
    await world.clock.advance(2 * SECOND)
    expect(here.heard('background-failure')).toMatchObject([{ task: 'touch' }, { task: 'touch' }])
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)

    expect(ledgerTtl(session)).toBe(HOUR - 3 * SECOND)
  })

  it('stays visible while the ledger fails', async () => {
    const session = await touched()
    here.ledger.chaos.fail(['touch'])
    await world.clock.advance(SECOND)

    expect((await here.engine.read(session.id))?.expiresAt).toBe(world.clock.now() + HOUR - SECOND)
  })

  it('is kept where a later one comes while it is being persisted', async () => {
    const session = await touched()
    const release = here.ledger.chaos.hold(['touch'], 1)
    await world.clock.advance(SECOND)
    session.touch(2 * HOUR)
    release()
    await settled()
    await world.clock.advance(SECOND)

    expect(ledgerTtl(session)).toBe(2 * HOUR - SECOND)
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
