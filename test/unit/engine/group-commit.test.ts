import { beforeEach, describe, expect, it } from '@jest/globals'
import { InvalidRecordError } from '../../../src/core/errors.js'
import type { Change, CommitOutcome } from '../../../src/core/ledger.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { HOUR, World, settled, type Held, type Process } from '../../support/engine.js'

/** Refuses every batch that holds poison, as a database does whose column can not hold it. */
class PickyLedger extends MemoryLedger {
  readonly batches: number[] = []

  override async commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    this.batches.push(changes.length)
    if (changes.some(({ data }) => data.includes('poison'))) {
      throw new InvalidRecordError(new Error('of the driver'))
    }
    return super.commit(changes)
  }
}

let world: World
let ledger: PickyLedger
let here: Process

beforeEach(() => {
  world = new World()
  ledger = new PickyLedger({ storage: world.storage, clock: world.clock })
  here = world.start({}, ledger)
})

describe('writes of many', () => {
  it('that come in one tick are one commit', async () => {
    await Promise.all([here.begin(), here.begin(), here.begin()])
    expect(ledger.batches).toEqual([3])
  })

  it('gather while two commits are under way', async () => {
    const release = here.ledger.chaos.hold(['commit'])
    const writes = []
    for (let i = 0; i < 5; i++) {
      writes.push(here.begin())
      await settled()
    }
    expect(here.ledger.chaos.calls(['commit'])).toBe(2)
    here.ledger.chaos.heal()
    release()
    await Promise.all(writes)
    expect(ledger.batches).toEqual([1, 1, 3])
  })

  it('never put two changes of one session into one commit', async () => {
    const session = await here.begin({ n: 0 })
    await Promise.all([session.save({ n: 1 }), session.save({ n: 2 }), session.save({ n: 3 })])
    expect(ledger.batches).toEqual([1, 1, 1, 1])
    expect(await world.held(session.id)).toEqual({ n: 3 })
    expect(here.heard('conflict')).toEqual([])
  })

  it.each([0, 3, 6])(
    'fail for the one that the ledger refuses alone, at place %i',
    async (place) => {
      const contents = Array.from({ length: 7 }, (_, i) => ({ n: i === place ? 'poison' : 'food' }))
      const ends = await Promise.allSettled(contents.map((content) => here.begin(content)))

      expect(ends.map(({ status }) => status)).toEqual(
        contents.map(({ n }) => (n === 'poison' ? 'rejected' : 'fulfilled')),
      )
      expect(ends[place]).toMatchObject({ reason: { code: 'ERR_INVALID_RECORD' } })
      expect((await here.engine.stats()).active).toBe(6)
    },
  )

  it('go on while the refused one is looked for', async () => {
    const poisoned = here.begin({ n: 'poison' })
    const sound = here.begin({ n: 'food' })
    await expect(poisoned).rejects.toThrow(InvalidRecordError)
    expect((await sound).loaded.version).toBe(1)
  })

  it('are refused where ten thousand wait', async () => {
    const alone = world.startWithoutCache()
    alone.ledger.chaos.hold(['commit'])
    const begin = (): void => void alone.begin().catch(() => undefined)
    for (let lane = 0; lane < 2; lane++) {
      begin()
      await settled()
    }
    for (let i = 0; i < 10_000; i++) begin()
    await settled()

    await expect(alone.begin()).rejects.toMatchObject({
      code: 'ERR_LEDGER_UNAVAILABLE',
      operation: 'commit',
    })
  })
})

/** Commits, and then loses the first reply: whoever waits for it is told of nothing until {@link LosingLedger.fail}. */
class LosingLedger extends MemoryLedger {
  fail!: () => void
  readonly #failing = new Promise<void>((resolve) => (this.fail = resolve))
  #isFirst = true

  override async commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    const outcomes = await super.commit(changes)
    if (!this.#isFirst) return outcomes
    this.#isFirst = false
    await this.#failing
    throw new Error('The connection was reset')
  }
}

describe('a write whose reply was lost', () => {
  let losing: LosingLedger
  let lossy: Process
  let mine: Held
  let theirs: Held

  beforeEach(async () => {
    losing = new LosingLedger({ storage: world.storage, clock: world.clock })
    lossy = world.start({}, losing)
    theirs = await here.begin({ n: 1 })
    mine = await lossy.load(theirs.id)
    await world.sharedCache.forget(theirs.id, 1)
  })

  it('is written once where nobody has written since', async () => {
    const saving = mine.save({ n: 1, user: 'ann' })
    losing.fail()

    expect(await saving).toBe('written')
    expect(await world.versions(mine.id)).toEqual([2, undefined])
  })

  it('is not made a second time over what was built upon it', async () => {
    const saving = mine.save({ n: 1, user: 'ann' })
    await settled()
    const other = await here.load(mine.id)
    expect(other.loaded.content).toEqual({ n: 1, user: 'ann' })
    await other.save({ n: 1 })
    losing.fail()

    await expect(saving).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })
    expect(await world.held(mine.id)).toEqual({ n: 1 })
  })

  it('is remembered where it was built upon, and the next one is not dropped without a word', async () => {
    const saving = mine.save({ n: 1, userId: 5 })
    await settled()
    const other = await here.load(mine.id)
    await other.save({ n: 1, userId: 5, theirs: 1 })
    losing.fail()
    await expect(saving).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })

    const next = mine.save({ n: 1, note: 1 })
    await expect(next).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })
    expect(await world.held(mine.id)).toEqual({ n: 1, userId: 5, theirs: 1 })
  })

  it.each(['any', 'absent'] as const)(
    'by who has loaded nothing (%s) comes to the same end as without that',
    async (base) => {
      await theirs.save({ n: 2 })
      const write = { content: { n: 3 }, ttl: HOUR, cursor: { base } }
      const writing = lossy.engine.write(mine.id, write)
      losing.fail()

      expect(await writing).toBe(base === 'any' ? 'written' : 'dropped')
      expect(await world.held(mine.id)).toEqual({ n: base === 'any' ? 3 : 2 })
    },
  )

  it('is merged with what was written instead of it', async () => {
    const before = world.storage.sessions.get(mine.id)!
    const saving = mine.save({ n: 1, user: 'ann' })
    await settled()
    // It was not committed after all.
    world.storage.sessions.set(mine.id, before)
    await theirs.save({ n: 2 })
    losing.fail()

    expect(await saving).toBe('written')
    expect(await world.held(mine.id)).toEqual({ n: 2, user: 'ann' })
  })
})
