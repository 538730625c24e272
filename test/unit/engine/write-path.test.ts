import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError, SerializationError } from '../../../src/core/errors.js'
import { anId } from '../../../src/testing/fixtures.js'
import { HOUR, Held, MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('a write', () => {
  it('of a new session is committed, and held by the cache', async () => {
    const { id } = await here.begin({ visits: 1 })

    expect(await world.held(id)).toEqual({ visits: 1 })
    expect(await world.cached(id)).toEqual({ visits: 1 })
  })

  it('of a loaded session is committed upon it, and held by the cache', async () => {
    const session = await here.begin({ visits: 1 })

    expect(await (await here.load(session.id)).save({ visits: 2 })).toBe('written')
    expect(await world.held(session.id)).toEqual({ visits: 2 })
    expect(await world.cached(session.id)).toEqual({ visits: 2 })
  })

  it('moves its holder on, for the next', async () => {
    const session = await here.begin({ visits: 1 })
    await session.save({ visits: 2 })
    await session.save({ visits: 3 })

    expect(await world.versions(session.id)).toEqual([3, 3])
    expect(here.heard('conflict')).toEqual([])
  })

  it('sets the lifetime anew, be it shorter', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await session.save({ visits: 2 }, MINUTE)
    await world.clock.advance(MINUTE)

    expect(await here.read(session.id)).toBeUndefined()
  })

  it('never lets a session live longer than the absolute lifetime', async () => {
    const bounded = world.start({ absoluteTtl: '1h' })
    const session = await bounded.begin({ visits: 1 }, HOUR)
    await world.clock.advance(HOUR - 1)
    await session.save({ visits: 2 }, HOUR)
    await world.clock.advance(1)

    expect(await bounded.read(session.id)).toBeUndefined()
  })

  it('with no lifetime left ends the session', async () => {
    const session = await here.begin()

    expect(await session.save({ visits: 2 }, -5)).toBe('written')
    expect(await world.cached(session.id)).toBe('absent')
    expect(await here.read(session.id)).toBeUndefined()
  })

  it('never asks the ledger for less than no lifetime', async () => {
    const session = await here.begin()
    const asked: number[] = []
    const commit = here.ledger.commit.bind(here.ledger)
    here.ledger.commit = (changes) => {
      asked.push(...changes.map(({ ttl }) => ttl))
      return commit(changes)
    }
    await session.save({ visits: 2 }, -5)

    expect(asked).toEqual([0])
  })

  it('holds what the session was at the time of the call', async () => {
    const session = await here.begin()
    const content = { visits: 2 }
    const saving = session.save(content)
    content.visits = 99
    await saving

    expect(await world.held(session.id)).toEqual({ visits: 2 })
  })

  it('of what can not be serialized rejects, and writes nothing', async () => {
    const session = await here.begin({ visits: 1 })

    await expect(session.save({ n: 1n })).rejects.toThrow(SerializationError)
    expect(await world.held(session.id)).toEqual({ visits: 1 })
  })

  it('remembers whose session it is, and who began it', async () => {
    const id = anId()
    const device = { ip: '203.0.113.9', userAgent: 'a browser' }
    const content = { userId: 7 }
    await here.engine.write(id, { content, ttl: HOUR, cursor: { base: 'new' }, device })

    expect(await here.engine.list({ userId: '7' })).toMatchObject([{ id, ...device }])
  })

  it('is acknowledged only once the ledger holds it', async () => {
    const session = await here.begin({ visits: 1 })
    const release = here.ledger.chaos.hold(['commit'])
    const saving = session.save({ visits: 2 }).then(() => world.held(session.id))
    await settled()
    expect(await world.cached(session.id)).toEqual({ visits: 1 })
    release()

    expect(await saving).toEqual({ visits: 2 })
  })

  it('is seen by a read of this process that follows it at once', async () => {
    const session = await here.begin({ visits: 1 })
    const saving = session.save({ visits: 2 })
    const reading = here.read(session.id)
    await saving

    expect(await reading).toEqual({ visits: 2 })
  })
})

describe('a write of what has ended', () => {
  it('writes nothing after a destroy, and tells so', async () => {
    const session = await here.begin()
    await here.engine.remove(session.id)

    expect(await session.save({ visits: 2 })).toBe('gone')
    expect(await world.held(session.id)).toBe('tombstone')
    expect(here.heard('write-after-destroy')).toEqual([{ id: session.id }])
  })

  it('writes nothing after a destroy that is still under way', async () => {
    const session = await here.begin()
    const [, outcome] = await Promise.all([
      here.engine.remove(session.id),
      session.save({ visits: 2 }),
    ])

    expect(outcome).toBe('gone')
  })

  it('writes nothing after the expiry', async () => {
    const session = await here.begin({ visits: 1 }, MINUTE)
    await world.clock.advance(MINUTE)

    expect(await session.save({ visits: 2 })).toBe('gone')
    expect(await world.held(session.id)).toBe('absent')
  })
})

describe('a write of a caller from outside', () => {
  const replace = (id: ReturnType<typeof anId>, content: object): Promise<unknown> =>
    new Held(here.engine, id, { base: 'any' }).save({ ...content })

  it('begins a session where there is none', async () => {
    const id = anId()

    expect(await replace(id, { a: 1 })).toBe('written')
    expect(await world.held(id)).toEqual({ a: 1 })
  })

  it('replaces the session that is there', async () => {
    const { id } = await here.begin({ a: 1, b: 1 })

    expect(await replace(id, { a: 2 })).toBe('written')
    expect(await world.held(id)).toEqual({ a: 2 })
    expect(await world.cached(id)).toEqual({ a: 2 })
  })

  it('begins a session where one has expired', async () => {
    const { id } = await here.begin({ a: 1 }, MINUTE)
    await world.clock.advance(MINUTE)

    expect(await replace(id, { a: 2 })).toBe('written')
    expect(await here.read(id)).toEqual({ a: 2 })
  })

  it('never brings back what was destroyed', async () => {
    const { id } = await here.begin()
    await here.engine.remove(id)

    expect(await replace(id, { a: 2 })).toBe('gone')
  })
})

describe('a write whose reply is lost', () => {
  it('is made once, and acknowledged', async () => {
    const session = await here.begin({ visits: 1 })
    here.ledger.chaos.loseReplies(['commit'], 1)

    expect(await session.save({ visits: 2 })).toBe('written')
    expect(await world.versions(session.id)).toEqual([2, 2])
    expect(here.heard('conflict')).toEqual([])
  })

  it('of a new session is made once', async () => {
    here.ledger.chaos.loseReplies(['commit'], 1)
    const { id } = await here.begin({ visits: 1 })

    expect(await world.versions(id)).toEqual([1, 1])
  })

  it('twice is an error, and the cache is soon told of what may have been committed', async () => {
    const session = await here.begin({ visits: 1 })
    here.ledger.chaos.loseReplies(['commit'], 2)

    await expect(session.save({ visits: 2 })).rejects.toThrow(LedgerUnavailableError)
    await world.clock.advance(SECOND)
    expect(await here.read(session.id)).toEqual({ visits: 2 })
  })
})

describe('a write with the ledger out of reach', () => {
  it('rejects, and is neither in the ledger nor in the cache', async () => {
    const session = await here.begin({ visits: 1 })
    here.ledger.chaos.fail(['commit'])

    await expect(session.save({ visits: 2 })).rejects.toMatchObject({ operation: 'commit' })
    expect(await world.held(session.id)).toEqual({ visits: 1 })
    expect(await here.read(session.id)).toEqual({ visits: 1 })
  })

  it('leaves its holder where it was, to try again', async () => {
    const session = await here.begin({ visits: 1 })
    here.ledger.chaos.fail(['commit'])
    await session.save({ visits: 2 }).catch(() => undefined)
    here.ledger.chaos.heal()

    expect(await session.save({ visits: 3 })).toBe('written')
    expect(here.heard('conflict')).toEqual([])
  })
})

describe('a write that the cache is not told of', () => {
  it('makes the cache forget what it holds where a put fails', async () => {
    const session = await here.begin({ visits: 1 })
    here.cache.chaos.fail(['put'])
    await session.save({ visits: 2 })

    expect(await world.cached(session.id)).toBe('absent')
    expect(world.storage.repairs.size).toBe(0)
  })

  it('is written down where the cache can not even forget', async () => {
    const session = await here.begin({ visits: 1 })
    here.cache.chaos.fail(['put', 'forget'])
    await session.save({ visits: 2 })

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
  })

  it('is written down where the put is late, and the cache is told to forget', async () => {
    const session = await here.begin({ visits: 1 })
    here.cache.chaos.hold(['put'])
    const saving = session.save({ visits: 2 })
    await world.clock.advance(50)
    await saving

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
    expect(await world.cached(session.id)).toBe('absent')
  })

  it('is written down in the commit itself where the cache is known to be out of reach', async () => {
    const session = await here.begin({ visits: 1 })
    await openBreaker()
    await session.save({ visits: 2 })

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
    expect(here.ledger.chaos.calls(['noteRepairs'])).toBe(0)
  })

  it('is written down where the cache goes out of reach during the commit', async () => {
    const session = await here.begin({ visits: 1 })
    const release = here.ledger.chaos.hold(['commit'])
    const saving = session.save({ visits: 2 })
    await settled()
    await openBreaker()
    release()
    await saving

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
  })

  async function openBreaker(): Promise<void> {
    here.cache.chaos.fail()
    const other = await world.startWithoutCache().begin()
    for (let i = 0; i < 5; i++) await here.read(other.id)
    expect(here.heard('cache-state')).toContainEqual({ cache: 'in-process', state: 'open' })
  }
})
