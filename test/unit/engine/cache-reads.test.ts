import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import { LedgerUnavailableError, SessionError } from '../../../src/core/errors.js'
import { aRevocation, anId } from '../../../src/testing/fixtures.js'
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

/** Writes version 2 past the cache, which goes on holding version 1. */
async function behindTheCache(id: Parameters<Process['load']>[0]): Promise<void> {
  const { loaded } = await world.startWithoutCache().load(id)
  await world.truth.commit([
    {
      id,
      base: loaded,
      above: loaded.version,
      writeId: 'behind',
      data: '{"visits":2}',
      ttl: HOUR,
      userId: undefined,
      device: undefined,
      absoluteTtl: undefined,
      repair: false,
    },
  ])
}

describe('a record from before the cache started anew', () => {
  it('is not believed: the ledger answers, and the cache holds what it says', async () => {
    const { id } = await here.begin({ visits: 1 })
    await behindTheCache(id)
    world.sharedCache.restart()

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 2 }, tier: 'memory' })
    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 2 }, tier: 'in-process' })
  })

  it('is refused while the ledger is down', async () => {
    const { id } = await here.begin()
    world.sharedCache.restart()
    here.ledger.chaos.fail()

    await expect(here.read(id)).rejects.toThrow(LedgerUnavailableError)
  })

  it('does not bring back a session that was destroyed since', async () => {
    const { id } = await here.begin()
    await world.truth.revoke([aRevocation({ id })])
    world.sharedCache.restart()

    expect(await here.read(id)).toBeUndefined()
    expect(await world.cached(id)).toBe('tombstone')
  })

  it('is ended by the next write, and not replaced', async () => {
    const session = await here.begin()
    world.sharedCache.restart()
    await session.save({ visits: 2 })

    expect(await world.cached(session.id)).toBe('absent')
  })
})

describe('a record that was not confirmed for a minute', () => {
  it('is confirmed by the ledger, once', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)

    expect(await here.engine.read(id)).toMatchObject({ content: { visits: 1 } })
    expect(await here.engine.read(id)).toMatchObject({ tier: 'in-process' })
    expect(here.ledger.chaos.calls(['read'])).toBe(1)
  })

  it('is not believed any more by whom the ledger told something newer, which the cache was not told', async () => {
    const { id } = await here.begin({ visits: 1 })
    await behindTheCache(id)
    await world.clock.advance(MINUTE + 1)
    here.cache.chaos.fail(['confirm'], 1)
    expect(await here.read(id)).toEqual({ visits: 2 })
    here.ledger.chaos.fail()

    await expect(here.read(id)).rejects.toThrow(LedgerUnavailableError)
  })

  it('is forgotten where somebody else has confirmed it meanwhile, who was told before the commit', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)
    const release = here.ledger.chaos.holdReplies(['read'], 1)
    const first = here.read(id)
    await settled()
    await behindTheCache(id)
    const confirm = here.cache.chaos.hold(['confirm'], 1)
    expect(await here.read(id)).toEqual({ visits: 2 })
    release()
    expect(await first).toEqual({ visits: 1 })
    confirm()
    await settled()

    expect(await here.read(id)).toEqual({ visits: 2 })
  })

  describe('and a process that is stopped while it asks', () => {
    /** The answer of the ledger is on its way for so long, and no timer of the process runs meanwhile. */
    async function readStopped(id: Held['id']): Promise<unknown> {
      const release = here.ledger.chaos.holdReplies(['read'], 1)
      const reading = here.read(id)
      await settled()
      const stop = jest
        .spyOn(world.clock, 'monotonic')
        .mockReturnValue(world.clock.monotonic() + 3 * SECOND)
      release()
      const read = await reading
      await settled()
      stop.mockRestore()
      return read
    }

    it('is forgotten where the ledger told something newer, and not replaced', async () => {
      const { id } = await here.begin({ visits: 1 })
      await behindTheCache(id)
      await world.clock.advance(MINUTE + 1)

      expect(await readStopped(id)).toEqual({ visits: 2 })
      expect(await world.cached(id)).toBe('absent')
    })

    it('stays unconfirmed where the ledger told the same', async () => {
      const { id } = await here.begin({ visits: 1 })
      await world.clock.advance(MINUTE + 1)
      expect(await readStopped(id)).toEqual({ visits: 1 })
      await behindTheCache(id)

      expect(await here.read(id)).toEqual({ visits: 2 })
    })
  })

  it('is replaced once, and stays, however many read it', async () => {
    const { id } = await here.begin({ visits: 1 })
    await behindTheCache(id)
    await world.clock.advance(MINUTE + 1)
    await Promise.all(Array.from({ length: 50 }, () => here.read(id)))
    await settled()

    expect(await world.cached(id)).toEqual({ visits: 2 })
  })

  it('is replaced by what the ledger says instead', async () => {
    const { id } = await here.begin({ visits: 1 })
    await behindTheCache(id)
    await world.clock.advance(MINUTE + 1)

    expect(await here.read(id)).toEqual({ visits: 2 })
    expect(await world.cached(id)).toEqual({ visits: 2 })
  })

  it('gives way to a tombstone of the ledger', async () => {
    const { id } = await here.begin()
    await world.truth.revoke([aRevocation({ id })])
    await world.clock.advance(MINUTE + 1)

    expect(await here.read(id)).toBeUndefined()
    expect(await world.cached(id)).toBe('tombstone')
  })

  it('is served while the ledger is down, which is then left alone for a second', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)
    here.ledger.chaos.fail()

    expect(await here.read(id)).toEqual({ visits: 1 })
    const calls = here.ledger.chaos.calls(['read'])
    expect(await here.read(id)).toEqual({ visits: 1 })
    expect(here.ledger.chaos.calls(['read'])).toBe(calls)
    await world.clock.advance(SECOND)
    expect(await here.read(id)).toEqual({ visits: 1 })
    expect(here.ledger.chaos.calls(['read'])).toBe(calls * 2)
  })

  it('is served where the ledger does not answer within half a second', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)
    here.ledger.chaos.hold(['read'])
    const reading = here.read(id)
    await settled()
    await world.clock.advance(500)
    await settled()

    expect(await reading).toEqual({ visits: 1 })
  })
})

describe('a cache that is slow to answer', () => {
  it('is not waited for where the ledger answers first', async () => {
    const { id } = await here.begin({ visits: 1 })
    const release = here.cache.chaos.holdReplies(['read'])
    const reading = here.engine.read(id)
    await world.clock.advance(25)
    await settled()

    expect(await reading).toMatchObject({ tier: 'memory' })
    expect((await here.engine.stats()).counts.hedgedReads).toBe(1)
    release()
  })

  it('still answers where the ledger is slower', async () => {
    const { id } = await here.begin({ visits: 1 })
    const release = here.cache.chaos.holdReplies(['read'])
    here.ledger.chaos.hold(['read'])
    const reading = here.engine.read(id)
    await world.clock.advance(25)
    await settled()
    release()

    expect(await reading).toMatchObject({ tier: 'in-process' })
  })

  it('answers alone where the ledger is down', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.ledger.chaos.fail()
    const release = here.cache.chaos.holdReplies(['read'])
    const reading = here.engine.read(id)
    await world.clock.advance(25)
    await settled()
    release()

    expect(await reading).toMatchObject({ tier: 'in-process' })
  })

  it('answers with a record that is due where the ledger is silent for half a second', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)
    here.ledger.chaos.hold(['read'])

    expect(await slowly(() => here.engine.read(id), 500)).toMatchObject({ tier: 'in-process' })
    expect(await slowly(() => here.engine.read(id), 0)).toMatchObject({ tier: 'in-process' })
  })

  it('answers with no record that is due where the ledger holds one that nobody can open', async () => {
    const { id } = await here.begin({ visits: 1 })
    await world.clock.advance(MINUTE + 1)
    const stored = world.storage.sessions.get(id)!
    world.storage.sessions.set(id, { ...stored, data: 'hf1.lost.AAAA' })

    await expect(slowly(() => here.read(id), 0)).rejects.toThrow(SessionError)
  })

  it('costs one statement where the ledger holds nothing', async () => {
    expect(await slowly(() => here.read(anId()), 0)).toBeUndefined()
    await settled()

    expect(here.ledger.chaos.calls(['read'])).toBe(1)
  })

  it('is filled afterwards with what the ledger holds', async () => {
    const { id } = await world.startWithoutCache().begin({ visits: 1 })
    await slowly(() => here.read(id), 0)
    await settled()

    expect(await world.cached(id)).toEqual({ visits: 1 })
  })

  it('fails with the error of the ledger where neither answers', async () => {
    const { id } = await here.begin({ visits: 1 })
    here.ledger.chaos.fail()
    here.cache.chaos.hold(['read'])
    const reading = expect(here.read(id)).rejects.toThrow(LedgerUnavailableError)
    await world.clock.advance(25)
    await settled()
    await world.clock.advance(25)
    await settled()
    await reading
  })

  /** Reads while the reply of the cache takes so long that the ledger is asked too. */
  async function slowly<T>(read: () => Promise<T>, wait: number): Promise<T> {
    const release = here.cache.chaos.holdReplies(['read'], 1)
    const reading = read()
    reading.catch(() => undefined)
    await world.clock.advance(25)
    await settled()
    release()
    await settled()
    await world.clock.advance(wait)
    await settled()
    return Promise.race([reading, settled().then(() => Promise.reject(new Error('It waits')))])
  }
})
