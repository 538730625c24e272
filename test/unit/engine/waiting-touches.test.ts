import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
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

    expect(world.ttlOf(session)).toBe(MINUTE - SECOND)
    expect(here.ledger.chaos.calls(['touch'])).toBe(0)
  })

  it('waits on where the write fails', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    here.ledger.chaos.fail()
    session.touch(HOUR)
    await expect(session.save({ visits: 2 })).rejects.toThrow(LedgerUnavailableError)
    here.ledger.chaos.heal()
    await world.clock.advance(2 * SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - 2 * SECOND)
  })

  it('waits on where the write fails long after it would have been persisted', async () => {
    const session = await touched()
    here.ledger.chaos.hold(['commit'])
    const saving = session.save({ visits: 2 }).catch((error: unknown) => error)
    await world.clock.advance(10 * SECOND)
    expect(await saving).toBeInstanceOf(LedgerUnavailableError)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - 11 * SECOND)
  })

  it('waits on for no longer than the write would have it, which may have happened', async () => {
    const session = await touched()
    here.ledger.chaos.loseReplies(['commit'])
    await expect(session.save({ visits: 2 }, MINUTE)).rejects.toThrow(LedgerUnavailableError)
    here.ledger.chaos.heal()
    await world.clock.advance(2 * SECOND)

    expect(await world.held(session.id)).toEqual({ visits: 2 })
    expect(world.ttlOf(session)).toBe(MINUTE - 2 * SECOND)
  })

  it('is forgotten by a write that gives way to a login, which has set the expiry anew', async () => {
    const session = await touched()
    const slow = await here.load(session.id)
    const there = world.start()
    expect(await (await there.load(session.id)).save({ userId: 'somebody' }, MINUTE)).toBe(
      'written',
    )
    expect(await slow.save({ visits: 2 })).toBe('dropped')
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(MINUTE - SECOND)
  })

  it('does not go back on a later one that came meanwhile', async () => {
    const session = await here.begin({ visits: 1 }, HOUR)
    await world.clock.advance(10 * MINUTE)
    session.touch(HOUR)
    here.ledger.chaos.fail()
    const saving = session.save({ visits: 2 })
    session.touch(2 * HOUR)
    await expect(saving).rejects.toThrow(LedgerUnavailableError)
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(2 * HOUR - SECOND)
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

    expect(world.ttlOf(live)).toBe(2 * HOUR - SECOND)
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

    expect(world.ttlOf(session)).toBe(HOUR - 3 * SECOND)
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

    expect(world.ttlOf(session)).toBe(2 * HOUR - SECOND)
  })
})
