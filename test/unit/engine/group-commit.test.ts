import { beforeEach, describe, expect, it } from '@jest/globals'
import { InvalidRecordError } from '../../../src/core/errors.js'
import type { Change, CommitOutcome } from '../../../src/core/ledger.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { World, settled, type Process } from '../../support/engine.js'

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
