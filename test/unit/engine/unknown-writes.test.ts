import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import { anId } from '../../../src/testing/fixtures.js'
import { Held, SECOND, World, type Process } from '../../support/engine.js'

let world: World
let here: Process
let there: Process

beforeEach(() => {
  world = new World()
  here = world.start()
  there = world.start()
})

/** Saves what is committed, while the caller is told that this is not known. */
async function saveUnknowing(session: Held, content: Record<string, unknown>): Promise<void> {
  here.ledger.chaos.loseReplies(['commit'], 2)
  await expect(session.save(content)).rejects.toThrow(LedgerUnavailableError)
}

describe('a write after one that had no reply', () => {
  it('takes back a login of its own', async () => {
    const session = await here.begin({ visits: 1 })
    await saveUnknowing(session, { visits: 1, userId: 5 })

    expect(await session.save({ visits: 1, note: 'it failed' })).toBe('written')
    expect(await world.held(session.id)).toEqual({ visits: 1, note: 'it failed' })
  })

  it('takes back what it had inserted', async () => {
    const session = new Held(here.engine, anId(), { base: 'new' })
    await saveUnknowing(session, { userId: 5, cart: [1] })

    expect(await session.save({ note: 'it failed' })).toBe('written')
    expect(await world.held(session.id)).toEqual({ note: 'it failed' })
  })

  it('is no conflict', async () => {
    here = world.start({ onConflict: 'reject' })
    const session = await here.begin({ visits: 1 })
    await saveUnknowing(session, { visits: 2 })

    expect(await session.save({ visits: 3 })).toBe('written')
    expect(here.heard('conflict')).toEqual([])
  })

  it('keeps what others had changed before', async () => {
    const session = await here.begin({ mine: 1 })
    await (await there.load(session.id)).save({ mine: 1, theirs: 1 })
    await session.save({ mine: 2 })
    await saveUnknowing(session, { mine: 3 })

    expect(await session.save({ mine: 4 })).toBe('written')
    expect(await world.held(session.id)).toEqual({ mine: 4, theirs: 1 })
  })

  it('goes on from the write that took, where several had no reply', async () => {
    const session = await here.begin({ visits: 1 })
    await saveUnknowing(session, { visits: 1, userId: 5 })
    await saveUnknowing(session, { visits: 2, userId: 5 })

    expect(await session.save({ visits: 3 })).toBe('written')
    expect(await world.held(session.id)).toEqual({ visits: 3 })
  })

  it('is not dropped without a word where somebody has built upon the other', async () => {
    const session = await here.begin({ visits: 1 })
    await saveUnknowing(session, { visits: 1, userId: 5 })
    await world.clock.advance(2 * SECOND)
    await (await there.load(session.id)).save({ visits: 1, userId: 5, theirs: 1 })

    await expect(session.save({ visits: 1, note: 1 })).rejects.toThrow(LedgerUnavailableError)
    expect(await world.held(session.id)).toEqual({ visits: 1, userId: 5, theirs: 1 })
  })

  it('gives way to a stranger’s login, where all of its own had a reply', async () => {
    const session = await here.begin({ visits: 1 })
    await saveUnknowing(session, { visits: 2 })
    await session.save({ visits: 3 })
    await (await there.load(session.id)).save({ visits: 3, userId: 7 })

    expect(await session.save({ visits: 4 })).toBe('dropped')
  })
})

describe('a new session that was committed without a reply, and is saved again', () => {
  it('is noted as a repair by a process that the cache does not answer', async () => {
    const session = new Held(here.engine, anId(), { base: 'new' })
    await saveUnknowing(session, { n: 1 })
    await world.clock.advance(4 * SECOND)
    await there.read(session.id)
    here.cache.chaos.fail()
    for (let times = 0; times < 5; times++) await here.read(anId())

    expect(await session.save({ n: 2 })).toBe('written')
    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: session.id }])
    await world.clock.advance(2 * SECOND)
    expect(await there.read(session.id)).toEqual({ n: 2 })
  })
})
