import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  ClosedError,
  InvalidOptionError,
  MigrationRequiredError,
} from '../../../src/core/errors.js'
import { anId } from '../../../src/testing/fixtures.js'
import { HOUR, MINUTE, SECOND, World, settled, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start({ sweepEvery: '1h' })
})

describe('an engine', () => {
  it('names sessions by a hash of the cookie’s id', () => {
    expect(here.engine.idOf('secret')).toBe(anId('secret'))
    expect(here.engine.idOf('')).toBeUndefined()
  })

  it('names sessions by the cookie’s id where told so', () => {
    const plain = world.start({ hashSessionIds: false, context: 'admin' })
    expect(plain.engine.idOf('abc')).toBe('admin:abc')
  })

  it('is ready when the ledger is, with the cache out of reach', async () => {
    here.cache.chaos.fail()
    await expect(here.engine.ready()).resolves.toBeUndefined()
  })

  it('is asked again whether it is ready after it was not', async () => {
    here.ledger.chaos.fail(['ready'], 1)

    await expect(here.engine.ready()).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })
    await expect(here.engine.ready()).resolves.toBeUndefined()
  })

  it('tells of missing tables as the ledger does', async () => {
    const missing = new MigrationRequiredError('"sessions"', 'run it', undefined)
    here.ledger.ready = () => Promise.reject(missing)
    await expect(here.engine.ready()).rejects.toThrow(MigrationRequiredError)
  })

  it('is not disturbed by a listener that throws', async () => {
    const heard: unknown[] = []
    here.engine.on('revoked', () => {
      throw new Error('mine')
    })
    here.engine.on('revoked', (event) => heard.push(event))
    const { id } = await here.begin()

    expect(await here.engine.remove(id)).toBe(true)
    expect(heard).toHaveLength(1)
  })

  it('tells a listener no more once it is taken off', async () => {
    const heard: unknown[] = []
    here.engine.on('revoked', (event) => heard.push(event))()
    await here.engine.remove((await here.begin()).id)

    expect(heard).toEqual([])
  })

  it('turns a time of the ledger into one of this process', () => {
    const skewed = world.start()
    skewed.ledger.now = () => world.clock.now() + 5 * MINUTE
    expect(skewed.engine.toLocalTime(skewed.ledger.now() + HOUR)).toBe(world.clock.now() + HOUR)
  })
})

describe('lists', () => {
  it('hold a user’s sessions, and nothing that is in them', async () => {
    const { id } = await here.begin({ userId: 'ada', card: '4111' })
    await here.begin({ userId: 'bob' })
    const listed = await here.engine.list({ userId: 'ada' })

    expect(listed).toMatchObject([{ id, userId: 'ada', context: 'web' }])
    expect(JSON.stringify(listed)).not.toContain('4111')
  })

  it('are empty for a user that can not be', async () => {
    await here.begin()
    expect(await here.engine.list({ userId: '' })).toEqual([])
  })

  it('go on after the last id of the page before', async () => {
    await Promise.all([1, 2, 3].map(() => here.begin()))
    const [first, ...others] = await here.engine.list()

    expect(await here.engine.list({ after: first?.id })).toEqual(others)
    expect(await here.engine.list({ limit: 1 })).toEqual([first])
  })

  it.each([0, -1, 1.5, NaN])('hold no %p sessions', async (limit) => {
    await expect(here.engine.list({ limit })).rejects.toThrow(InvalidOptionError)
  })

  it('are paged through by summaries', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => here.begin()))
    const ids = new Set<string>()
    for await (const { id } of here.engine.summaries()) ids.add(id)

    expect(ids.size).toBe(1000)
    expect(here.ledger.chaos.calls(['list'])).toBe(3)
  })

  it('lead to what the ledger holds', async () => {
    const { id } = await here.begin({ visits: 1 })
    expect((await here.engine.readListed(id))?.content).toEqual({ visits: 1 })
  })
})

describe('closing', () => {
  it('persists the touches that wait', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    await here.engine.close()

    expect(world.storage.sessions.get(session.id)?.expiresAt).toBe(world.clock.now() + HOUR)
  })

  it('waits for the writes under way', async () => {
    const session = await here.begin({ visits: 1 })
    const release = here.ledger.chaos.hold(['commit'])
    const saving = session.save({ visits: 2 })
    const closing = here.engine.close().then(() => world.held(session.id))
    await settled()
    release()

    expect(await closing).toEqual({ visits: 2 })
    expect(await saving).toBe('written')
  })

  it.each<[string, 'revoke' | 'read' | 'list', (process: Process) => Promise<unknown>]>([
    ['the end of all sessions', 'revoke', ({ engine }) => engine.removeAll()],
    ['the end of a user’s sessions', 'list', ({ engine }) => engine.removeUser('ada')],
    ['a read', 'read', ({ engine }) => engine.read(anId('absent'))],
    ['a list', 'list', ({ engine }) => engine.list()],
  ])('waits for %s under way', async (_name, operation, act) => {
    await here.begin({ userId: 'ada' })
    const release = here.ledger.chaos.hold([operation])
    const ended: string[] = []
    const acting = act(here).then(() => ended.push('work'))
    await settled()
    const closing = here.engine.close().then(() => ended.push('close'))
    await settled()
    expect(here.ledger.chaos.calls(['close'])).toBe(0)
    here.ledger.chaos.heal()
    release()
    await Promise.all([acting, closing])

    expect(ended).toEqual(['work', 'close'])
  })

  it('ends a session which it was asked to end by the id that lists show', async () => {
    const { id } = await here.begin()
    const release = here.ledger.chaos.hold(['read'])
    const revoking = here.engine.revoke(id)
    await settled()
    const closing = here.engine.close()
    release()
    await closing

    expect(await revoking).toBe(true)
    expect(await world.held(id)).toBe('tombstone')
  })

  it('leaves no timer', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    await here.engine.close()

    expect(world.clock.pending).toBe(0)
  })

  it('leaves no timer while the cache is out of reach', async () => {
    const { id } = await here.begin()
    here.cache.chaos.fail()
    for (let i = 0; i < 5; i++) await here.read(id)
    await here.engine.close()

    expect(world.clock.pending).toBe(0)
  })

  it('leaves no timer where a flush that was under way fails', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    here.ledger.chaos.hold(['touch'], 1)
    await world.clock.advance(SECOND)
    here.ledger.chaos.fail(['touch'])
    const closing = here.engine.close()
    await world.clock.advance(5 * SECOND)
    await closing

    expect(world.clock.pending).toBe(0)
  })

  it('persists touches though a flush that was under way fails', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    here.ledger.chaos.hold(['touch'], 1)
    await world.clock.advance(SECOND)
    const closing = here.engine.close()
    await world.clock.advance(5 * SECOND)
    await closing

    expect(world.storage.sessions.get(session.id)?.expiresAt).toBeGreaterThan(
      session.loaded.expiresAt,
    )
  })

  it('does not wait for the pause of a sweep under way', async () => {
    await Promise.all(Array.from({ length: 3 }, () => here.begin({}, 1)))
    await world.clock.advance(1)
    const sweeping = world.start({ sweepBatch: 1 })
    const swept = sweeping.engine.sweep()
    await settled()
    await sweeping.engine.close()

    expect(await swept).toMatchObject({ removed: 1 })
  })

  it('writes down what the cache was not told of, and the ledger could not be told of then', async () => {
    const session = await here.begin({ visits: 1 })
    here.cache.chaos.fail(['put', 'forget'])
    here.ledger.chaos.fail(['noteRepairs'])
    await session.save({ visits: 2 })
    here.ledger.chaos.heal()
    await here.engine.close()

    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id, version: 2 }])
  })

  it('closes each tier, once', async () => {
    await Promise.all([here.engine.close(), here.engine.close()])
    await here.engine.close()

    expect(here.cache.chaos.calls(['close'])).toBe(1)
    expect(here.ledger.chaos.calls(['close'])).toBe(1)
  })

  it('ends though the cache can not be closed, which is an event', async () => {
    here.cache.chaos.fail(['close'])
    await here.engine.close()

    expect(here.ledger.chaos.calls(['close'])).toBe(1)
    expect(here.heard('cache-failure')).toMatchObject([{ error: { operation: 'close' } }])
  })

  it('ends with the ledger down, and tells what could not be persisted', async () => {
    const session = await here.begin()
    await world.clock.advance(10 * MINUTE)
    session.touch()
    here.ledger.chaos.fail(['touch'])
    await here.engine.close()

    expect(here.heard('background-failure')).toMatchObject([{ task: 'touch' }])
    expect(world.clock.pending).toBe(0)
  })
})

describe('a closed engine', () => {
  it.each<[string, (process: Process) => Promise<unknown>]>([
    ['ready', ({ engine }) => engine.ready()],
    ['read', ({ engine }) => engine.read(anId())],
    ['write', (process) => process.begin()],
    ['remove', ({ engine }) => engine.remove(anId())],
    ['revoke', ({ engine }) => engine.revoke('listed')],
    ['removeUser', ({ engine }) => engine.removeUser('ada')],
    ['removeAll', ({ engine }) => engine.removeAll()],
    ['list', ({ engine }) => engine.list()],
    ['readListed', ({ engine }) => engine.readListed('listed')],
    ['sweep', ({ engine }) => engine.sweep()],
    ['stats', ({ engine }) => engine.stats()],
  ])('refuses to %s', async (_name, act) => {
    await here.engine.close()
    await expect(act(here)).rejects.toThrow(ClosedError)
  })

  it('refuses to touch', async () => {
    const session = await here.begin()
    await here.engine.close()
    expect(() => session.touch()).toThrow(ClosedError)
  })

  it('refuses already while it closes', async () => {
    const closing = here.engine.close()
    await expect(here.read(anId())).rejects.toThrow(ClosedError)
    await closing
  })
})
