import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Change, CommitOutcome } from '../../../src/core/ledger.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { anId } from '../../../src/testing/fixtures.js'
import { MINUTE, SECOND, World, type Held, type Process } from '../../support/engine.js'

const LEASE = MINUTE

/** Loses connections over commits, which wait in it still. */
class LosingLedger extends MemoryLedger {
  isLosing = false
  readonly waiting: (() => Promise<unknown>)[] = []

  override async commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    if (!this.isLosing) return super.commit(changes)
    this.waiting.push(() => super.commit(changes))
    throw new Error('Connection terminated unexpectedly')
  }
}

let world: World
let ledger: LosingLedger
let here: Process
let there: Process
let session: Held

beforeEach(async () => {
  world = new World()
  ledger = new LosingLedger(world)
  here = world.start({}, ledger)
  there = world.start()
  session = await here.begin({ visits: 1 })
})

async function saveUnknowing(content: Record<string, unknown>): Promise<void> {
  ledger.isLosing = true
  await expect(session.save(content)).rejects.toThrow('could not commit')
  ledger.isLosing = false
}

/** The repair is applied, and the cache is filled anew from before the commit. */
async function fillAgain(): Promise<void> {
  await world.clock.advance(2 * SECOND)
  expect(await there.read(session.id)).toEqual({ visits: 1 })
  expect(await world.cached(session.id)).toEqual({ visits: 1 })
}

const followed = async (): Promise<unknown> => (await here.engine.health()).queues['unknown']

describe('a commit of which nobody knows', () => {
  it('is what all read three seconds after it took', async () => {
    await saveUnknowing({ visits: 2 })
    await fillAgain()

    await ledger.waiting[0]!()
    await world.clock.advance(3 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 2 })
    expect(await followed()).toBe(0)
  })

  it('is what all read after a quarter of the time that it waited', async () => {
    await saveUnknowing({ visits: 2 })
    await fillAgain()
    await world.clock.advance(100 * SECOND)
    await there.read(session.id)

    await ledger.waiting[0]!()
    await world.clock.advance(28 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 2 })
  })

  it('is looked for four minutes', async () => {
    await saveUnknowing({ visits: 2 })
    await world.clock.advance(3 * MINUTE)
    expect(await followed()).toBe(1)

    await world.clock.advance(MINUTE + LEASE)

    expect(await followed()).toBe(0)
  })

  it('is looked for seldom', async () => {
    await saveUnknowing({ visits: 2 })
    const before = here.ledger.chaos.calls(['read'])
    await world.clock.advance(5 * MINUTE)

    expect(here.ledger.chaos.calls(['read']) - before).toBeLessThanOrEqual(20)
  })

  it('is looked for as soon as the ledger answers', async () => {
    await saveUnknowing({ visits: 2 })
    here.ledger.chaos.fail(['read'])
    await world.clock.advance(5 * MINUTE)
    here.ledger.chaos.heal()
    await there.read(session.id)

    await ledger.waiting[0]!()
    await world.clock.advance(3 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 2 })
  })

  it('is looked for though a slower request, which stands upon an older one, fails after it', async () => {
    const slow = await here.load(session.id)
    await session.save({ visits: 2 })
    await saveUnknowing({ visits: 3 })
    ledger.isLosing = true
    await expect(slow.save({ visits: 1, slow: true })).rejects.toThrow('could not commit')
    ledger.isLosing = false
    await world.clock.advance(2 * SECOND)
    expect(await there.read(session.id)).toEqual({ visits: 2 })

    await ledger.waiting[0]!()
    await world.clock.advance(4 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 3 })
  })

  it('is followed upon an older one, too, after the ledger has lost commits', async () => {
    const row = { ...world.storage.sessions.get(session.id)! }
    await session.save({ visits: 2 })
    await saveUnknowing({ visits: 3 })
    world.storage.sessions.set(session.id, row)
    await world.sharedCache.forget(session.id, 1_000)
    session = await here.load(session.id)
    await saveUnknowing({ visits: 'after the loss' })
    await fillAgain()

    await ledger.waiting.at(-1)!()
    await world.clock.advance(3 * SECOND)

    expect(await there.read(session.id)).toEqual({ visits: 'after the loss' })
  })

  it('is not followed where the ledger was never asked for it', async () => {
    const others = await Promise.all(Array.from({ length: 1_000 }, () => here.begin()))
    here.ledger.chaos.hold(['commit'])
    const before = here.ledger.chaos.calls(['commit'])
    const saving = Promise.allSettled(others.map((each) => each.save({ visits: 2 })))
    await world.clock.advance(10 * SECOND)
    await saving

    const asked = 128 * (here.ledger.chaos.calls(['commit']) - before)
    expect(asked).toBeLessThan(1_000)
    expect(await followed()).toBe(asked)
  })

  it('is looked for no more once a later one took', async () => {
    await saveUnknowing({ visits: 2 })
    await session.save({ visits: 3 })

    expect(await followed()).toBe(0)
  })

  it('is looked for no more once the session has ended', async () => {
    await saveUnknowing({ visits: 2 })
    await there.engine.remove(session.id)
    await world.clock.advance(2 * SECOND)

    expect(await followed()).toBe(0)
  })

  it('keeps nobody waiting who closes, however many there are', async () => {
    ledger.isLosing = true
    const sessions = await Promise.all(Array.from({ length: 1_000 }, () => there.begin()))
    const loaded = await Promise.all(sessions.map(({ id }) => here.load(id)))
    await Promise.allSettled(loaded.map((each) => each.save({ visits: 2 })))
    const reply = here.ledger.chaos.hold(['read'])
    await world.clock.advance(SECOND)
    const before = here.ledger.chaos.calls(['read'])
    const closing = here.engine.close()
    reply()
    await closing

    expect(here.ledger.chaos.calls(['read'])).toBe(before)
  })

  it('is looked for by none that is closed', async () => {
    await saveUnknowing({ visits: 2 })
    await here.engine.close()
    await there.engine.close()

    expect(world.clock.pending).toBe(0)
  })

  it('is not followed where nothing was there before', async () => {
    ledger.isLosing = true
    await expect(
      here.engine.write(anId(), { content: {}, ttl: MINUTE, cursor: { base: 'new' } }),
    ).rejects.toThrow('could not commit')

    expect(await followed()).toBe(0)
  })

  it('is one of ten thousand at most, in pages', async () => {
    for (const many of [...Array<number>(10).fill(1_000), 1]) {
      const sessions = await Promise.all(Array.from({ length: many }, () => there.begin()))
      const loaded = await Promise.all(sessions.map(({ id }) => here.load(id)))
      ledger.isLosing = true
      await Promise.allSettled(loaded.map((each) => each.save({ visits: 2 })))
      ledger.isLosing = false
    }
    expect(await followed()).toBe(10_000)

    const before = here.ledger.chaos.calls(['read'])
    await world.clock.advance(SECOND)
    expect(here.ledger.chaos.calls(['read']) - before).toBe(Math.ceil(10_000 / 128))
  })
})
