import { beforeEach, describe, expect, it } from '@jest/globals'
import type { NotedRepair } from '../../../src/core/ledger.js'
import { pause } from '../../../src/engine/deadline.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { anId } from '../../../src/testing/fixtures.js'
import { SECOND, World, type Held, type Process } from '../../support/engine.js'
import { readEach, stallFor } from '../../support/stalls.js'

let world: World
let process: Process
let sessions: readonly [Held, ...Held[]]

beforeEach(async () => {
  world = new World()
  process = world.start()
  const [first, ...others] = Array.from({ length: 8 }, (_, n) => process.begin({ n }))
  sessions = [await first!, ...(await Promise.all(others))]
  await readEach(process, sessions)
})

/** The first session is not read meanwhile. */
const stall = (): Promise<void> => stallFor(55, { world, process, sessions: sessions.slice(1) })

/** Takes its time over repairs, and answers all else at once. */
class SlowLedger extends MemoryLedger {
  constructor(
    private readonly world: World,
    private readonly ms: number,
  ) {
    super(world)
  }

  override async pendingRepairs(limit: number): Promise<readonly NotedRepair[]> {
    await pause(this.ms, this.world.clock)
    return super.pendingRepairs(limit)
  }

  override async settleRepairs(repairs: readonly NotedRepair[]): Promise<void> {
    await pause(this.ms, this.world.clock)
    return super.settleRepairs(repairs)
  }
}

/** Nobody sees a session for six seconds that was ended. */
async function expectGone({ id }: Held): Promise<void> {
  for (let time = 0; time < 6 * SECOND; time += 50) {
    await world.clock.advance(50)
    expect(await process.read(id)).toBeUndefined()
  }
}

describe('after a moment in which its replies were late, a cache', () => {
  it.each([
    { what: 'many repairs to tell', repairs: 2_500, ms: 60, failures: 0 },
    {
      what: 'many repairs to tell, and did not answer before',
      repairs: 2_500,
      ms: 60,
      failures: 1,
    },
    { what: 'little to tell, and tells it slowly', repairs: 0, ms: 2_000, failures: 0 },
  ])('is not trusted before the ledger has told, which has $what', async (each) => {
    const { repairs, ms, failures } = each
    const [ended] = sessions
    await process.engine.close()
    process = world.start({}, new SlowLedger(world, ms))
    await readEach(process, sessions)
    const other = world.start()
    other.cache.chaos.fail()
    await world.truth.noteRepairs(
      Array.from({ length: repairs }, (_, n) => ({ id: anId(`${n}`), version: 2 })),
    )
    await world.clock.advance(1)
    await other.engine.remove(ended.id)
    if (failures > 0) process.ledger.chaos.fail(['pendingRepairs'], 2 * failures)
    await world.clock.advance(failures * SECOND)
    await stall()
    await expectGone(ended)
  })

  it('is not trusted while what it was told can not be settled, so that there may be more', async () => {
    const [ended] = sessions
    const other = world.start()
    other.cache.chaos.fail()
    process.ledger.chaos.fail(['settleRepairs'])
    await world.truth.noteRepairs(
      Array.from({ length: 500 }, (_, n) => ({ id: anId(`${n}`), version: 2 })),
    )
    await world.clock.advance(1)
    await other.engine.remove(ended.id)
    await stall()
    await expectGone(ended)
  })

  it('is not trusted before it was told what others noted, though nothing can be noted here', async () => {
    process.ledger.chaos.fail(['noteRepairs'])
    process.cache.chaos.fail(['put', 'forget'], 2)
    await sessions[7]!.save({ n: 'unwritten' })
    await world.clock.advance(2 * SECOND)
    const [ended] = sessions
    const other = world.start()
    other.cache.chaos.fail()
    await other.engine.remove(ended.id)
    await stall()
    await expectGone(ended)
    expect(process.heard('cache-state').at(-1)).toMatchObject({ state: 'closed' })
  })

  it('is not believed of what could be told to nobody, when too much is known to be untold', async () => {
    const [mine] = sessions
    process.ledger.chaos.fail(['noteRepairs'])
    process.cache.chaos.fail()
    await mine.save({ n: 'new' })
    for (const many of [5_100, 5_100]) {
      await Promise.all(Array.from({ length: many }, () => process.begin()))
    }
    process.cache.chaos.heal()
    for (let time = 0; time < 10 * SECOND; time += 100) {
      await world.clock.advance(100)
      expect(await process.read(mine.id)).toEqual({ n: 'new' })
    }
    expect(process.heard('cache-state').at(-1)).toMatchObject({ state: 'closed' })
  })
})
