import { beforeEach, describe, expect, it } from '@jest/globals'
import { DeadlineError, LedgerUnavailableError } from '../../../src/core/errors.js'
import type { Change, SessionLedger } from '../../../src/core/ledger.js'
import { pause } from '../../../src/engine/deadline.js'
import { anId } from '../../../src/testing/fixtures.js'
import { HOUR, Held, SECOND, World, settled, type Process } from '../../support/engine.js'

const TIMEOUT = 200

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start({ ledgerTimeout: TIMEOUT })
})

/** When each of these ended, ms from now; in the order of their ends. */
function ends(work: readonly Promise<unknown>[]): number[] {
  const [start, times]: [number, number[]] = [world.clock.monotonic(), []]
  const told = (): void => void times.push(world.clock.monotonic() - start)
  for (const each of work) each.then(told, told)
  return times
}

describe('with a ledger that does not answer', () => {
  it('thousands of reads that come at once are rejected within its timeout', async () => {
    const alone = world.startWithoutCache({ ledgerTimeout: TIMEOUT })
    alone.ledger.chaos.hold(['read'])
    const times = ends(Array.from({ length: 5_000 }, (_, i) => alone.read(anId(`${i}`))))
    await world.clock.advance(TIMEOUT)

    expect(times).toHaveLength(5_000)
  })

  it('reads that come after others are rejected within twice its timeout', async () => {
    const alone = world.startWithoutCache({ ledgerTimeout: TIMEOUT })
    alone.ledger.chaos.hold(['read'])
    const times: number[][] = []
    for (let tick = 0; tick < 20; tick++) {
      times.push(ends(Array.from({ length: 50 }, (_, i) => alone.read(anId(`${tick} ${i}`)))))
      await world.clock.advance(10)
    }
    await world.clock.advance(2 * TIMEOUT)

    expect(times.map(({ length }) => length)).toEqual(Array(20).fill(50))
    expect(Math.max(...times.flat())).toBeLessThanOrEqual(2 * TIMEOUT)
  })

  it('writes and ends that come after others are rejected within twice its timeout', async () => {
    const sessions = await Promise.all(Array.from({ length: 400 }, () => here.begin()))
    here.ledger.chaos.hold(['commit', 'revoke'])
    const times: number[][] = []
    for (let tick = 0; tick < 20; tick++) {
      const some = sessions.slice(20 * tick, 20 * (tick + 1))
      times.push(ends(some.map((held) => held.save({ n: 2 }))))
      times.push(ends(some.map(({ id }) => here.engine.remove(id))))
      await world.clock.advance(10)
    }
    await world.clock.advance(2 * TIMEOUT)

    expect(times.flat()).toHaveLength(800)
    expect(Math.max(...times.flat())).toBeLessThanOrEqual(2 * TIMEOUT)
  })

  it('thousands of writes that come at once are rejected within its timeout', async () => {
    here.ledger.chaos.hold(['commit'])
    const begin = (_: unknown, i: number): Promise<unknown> =>
      new Held(here.engine, anId(`${i}`), { base: 'new' }).save({ i })
    const times = ends(Array.from({ length: 2_000 }, begin))
    await world.clock.advance(TIMEOUT)

    expect(times).toHaveLength(2_000)
  })
})

it('a write that others overtake again and again gives up in twice the timeout', async () => {
  const { id } = await here.begin({ n: 0 })
  const rival = world.startWithoutCache()
  const slow = async (changes: readonly Change[]): Promise<unknown> => {
    await pause(0.9 * TIMEOUT, world.clock)
    await (await rival.load(id)).save({ n: Math.random() })
    return world.truth.commit(changes)
  }
  const there = world.start({ ledgerTimeout: TIMEOUT }, withCommit(slow))
  const saving = (await there.load(id)).save({ mine: 1 })
  const times = ends([saving])
  await world.clock.advance(3 * TIMEOUT)

  await expect(saving).rejects.toThrow(LedgerUnavailableError)
  expect(times[0]).toBeLessThanOrEqual(2 * TIMEOUT)
  expect(await rival.read(id)).not.toHaveProperty('mine')
})

it('few lists and counts are under way at once, and those that wait are counted once', async () => {
  here.ledger.chaos.hold(['list', 'stats'])
  const lists = Array.from({ length: 50 }, () => here.engine.list())
  const counts = Array.from({ length: 50 }, () => here.engine.stats())
  const times = ends([...lists, ...counts])
  await settled()

  expect([here.ledger.chaos.calls(['list']), here.ledger.chaos.calls(['stats'])]).toEqual([4, 1])
  await world.clock.advance(TIMEOUT)
  expect(times).toHaveLength(100)
})

it('writes that Redis can not be told of wait for that to be written down once, not one after another', async () => {
  const sessions = await Promise.all(Array.from({ length: 1_000 }, () => here.begin()))
  here.cache.chaos.fail(['put', 'forget'])
  here.ledger.chaos.hold(['noteRepairs'])
  const times = ends(sessions.map((held) => held.save({ n: 2 })))
  await world.clock.advance(2 * TIMEOUT)

  expect(times).toHaveLength(1_000)
  expect((await here.engine.health()).queues['repairs']).toBe(1_000)
})

describe('what is acknowledged while Redis can not be told, nor that be written down', () => {
  let held: Held

  beforeEach(async () => {
    held = await here.begin()
    here.ledger.chaos.hold(['noteRepairs'])
  })

  /** It works for three quarters of the timeout, and is answered then. */
  async function endOf(work: Promise<unknown>, release: () => void): Promise<number[]> {
    const times = ends([work])
    await world.clock.advance((3 * TIMEOUT) / 4)
    release()
    await world.clock.advance(2 * TIMEOUT)
    return times
  }

  it('a write takes no longer than the timeout in all', async () => {
    const release = here.ledger.chaos.holdReplies(['commit'])
    here.cache.chaos.fail(['put', 'forget'])
    const saving = held.save({ n: 2 })

    expect(await endOf(saving, release)).toEqual([TIMEOUT])
    expect(await saving).toBe('written')
    expect((await here.engine.health()).queues['repairs']).toBe(1)
  })

  it('a destroy takes no longer than the timeout in all', async () => {
    const release = here.ledger.chaos.holdReplies(['revoke'])
    const removing = here.engine.remove(held.id)
    await settled()
    here.cache.chaos.fail(['bury'])

    expect(await endOf(removing, release)).toEqual([TIMEOUT])
    expect(await removing).toBe(true)
    expect((await here.engine.health()).queues['repairs']).toBe(1)
  })
})

describe('with operations of one session behind one that hangs', () => {
  let held: Held

  beforeEach(async () => {
    held = await here.begin()
    here.ledger.chaos.hold(['commit', 'revoke'])
  })

  it('each is rejected within the timeout of the ledger, counted from when it came', async () => {
    const times = ends([held.save({ n: 1 })])
    await world.clock.advance(50)
    const later = ends([held.save({ n: 2 }), held.save({ n: 3 }), here.engine.remove(held.id)])
    await world.clock.advance(TIMEOUT)

    expect([times, later]).toEqual([[TIMEOUT], [TIMEOUT, TIMEOUT, TIMEOUT]])
  })

  it('one that was rejected before its turn does nothing in its turn', async () => {
    void held.save({ n: 1 }).catch(() => undefined)
    const second = held.save({ n: 2 })
    const told = expect(second).rejects.toMatchObject({
      constructor: LedgerUnavailableError,
      operation: 'commit',
      cause: new DeadlineError(TIMEOUT),
    })
    await world.clock.advance(TIMEOUT)
    await told
    here.ledger.chaos.heal()
    await world.clock.advance(HOUR / 2)

    expect(await world.held(held.id)).toEqual({ visits: 1 })
    expect((await here.engine.health()).queues['chained']).toBe(0)
  })

  it('a logout is refused by the cache at once', async () => {
    void held.save({ n: 1 }).catch(() => undefined)
    here.engine.remove(held.id).catch(() => undefined)
    await settled()

    expect(await world.cached(held.id)).toBe('tombstone')
  })

  it('a logout that was rejected before its turn is made durable once the ledger is back', async () => {
    void held.save({ n: 1 }).catch(() => undefined)
    const removing = here.engine.remove(held.id)
    const told = expect(removing).rejects.toMatchObject({ operation: 'revoke' })
    await world.clock.advance(TIMEOUT)
    await told
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)

    expect(await world.held(held.id)).toBe('tombstone')
  })

  it('a read is answered by the cache within that timeout', async () => {
    for (let n = 0; n < 3; n++) {
      held.save({ n }).catch(() => undefined)
      await world.clock.advance(TIMEOUT / 4)
    }
    const reading = here.read(held.id)
    const times = ends([reading])
    await world.clock.advance(TIMEOUT)

    expect(times).toHaveLength(1)
    expect(await reading).toEqual({ visits: 1 })
  })

  it.each(['fail', 'hold'] as const)(
    'a read is rejected within that timeout where no tier answers: calls to Redis %s',
    async (fault) => {
      here.cache.chaos[fault]()
      here.ledger.chaos.hold()
      held.save({ n: 1 }).catch(() => undefined)
      const reading = here.read(held.id)
      const told = expect(reading).rejects.toThrow(LedgerUnavailableError)
      const times = ends([reading])
      await world.clock.advance(3 * TIMEOUT)
      await told

      expect(times).toEqual([TIMEOUT])
    },
  )

  it('a read has what is left of the timeout after a write that ends late', async () => {
    here.cache.chaos.fail()
    here.ledger.chaos.heal()
    const release = here.ledger.chaos.holdReplies(['commit'])
    void held.save({ n: 1 })
    const times = ends([here.read(held.id)])
    await world.clock.advance(TIMEOUT / 4)
    here.ledger.chaos.hold(['read'])
    release()
    await world.clock.advance(TIMEOUT)

    expect(times).toEqual([TIMEOUT])
  })

  it('a read that waited is answered by the ledger where Redis fails', async () => {
    here.cache.chaos.fail()
    held.save({ n: 1 }).catch(() => undefined)
    const reading = here.read(held.id)
    await world.clock.advance(TIMEOUT)

    expect(await reading).toEqual({ visits: 1 })
  })

  it('a read of a session that may be about to begin is never “no session”', async () => {
    const [id, elsewhere] = [anId('new'), world.startWithoutCache()]
    const alone = world.startWithoutCache({ ledgerTimeout: TIMEOUT })
    alone.ledger.chaos.hold(['commit'])
    const login = new Held(alone.engine, id, { base: 'new' })
    login.save({ user: 'ada' }).catch(() => undefined)
    const reading = expect(alone.read(id)).rejects.toThrow(LedgerUnavailableError)
    await world.clock.advance(TIMEOUT)
    await reading

    expect(await elsewhere.read(id)).toBeUndefined()
  })
})

/** The world's ledger with another way to commit. */
function withCommit(commit: (changes: readonly Change[]) => Promise<unknown>): SessionLedger {
  return new Proxy<SessionLedger>(world.truth, {
    get(ledger, name) {
      if (name === 'commit') return commit
      const found: unknown = Reflect.get(ledger, name, ledger)
      return typeof found === 'function' ? (found.bind(ledger) as unknown) : found
    },
  })
}
