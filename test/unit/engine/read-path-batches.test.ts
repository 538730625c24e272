import { beforeEach, describe, expect, it } from '@jest/globals'
import { anId } from '../../../src/testing/fixtures.js'
import { World, settled, type Process } from '../../support/engine.js'

let world: World

beforeEach(() => {
  world = new World()
})

describe('reads of many', () => {
  it('that come in one tick ask the ledger once', async () => {
    const alone = world.startWithoutCache()
    const ids = await Promise.all(
      [1, 2, 3].map(async (visits) => (await alone.begin({ visits })).id),
    )
    const found = await Promise.all([...ids, anId()].map((id) => alone.read(id)))

    expect(found).toEqual([{ visits: 1 }, { visits: 2 }, { visits: 3 }, undefined])
    expect(alone.ledger.chaos.calls(['read'])).toBe(1)
  })

  it('of one session in one tick ask for it once', async () => {
    const alone = world.startWithoutCache()
    const { id } = await alone.begin()
    const asked: unknown[] = []
    const read = alone.ledger.read.bind(alone.ledger)
    alone.ledger.read = (ids) => {
      asked.push(ids)
      return read(ids)
    }
    await Promise.all([alone.read(id), alone.read(id)])

    expect(asked).toEqual([[id]])
  })

  it('never join a statement that had begun before', async () => {
    const alone = world.startWithoutCache()
    const { id } = await alone.begin({ visits: 1 })
    const release = alone.ledger.chaos.holdReplies(['read'], 1)
    const before = alone.read(id)
    await settled()
    await (await world.startWithoutCache().load(id)).save({ visits: 2 })
    const after = await alone.read(id)
    release()

    expect([await before, after]).toEqual([{ visits: 1 }, { visits: 2 }])
  })

  it('are in at most four statements at once', async () => {
    const alone = world.startWithoutCache()
    const release = alone.ledger.chaos.hold(['read'])
    const reads = []
    for (let i = 0; i < 6; i++) {
      reads.push(alone.read(anId()))
      await settled()
    }

    expect(alone.ledger.chaos.calls(['read'])).toBe(4)
    expect((await queues(alone))['reads']).toBe(2)
    release()
    await Promise.all(reads)
    expect(alone.ledger.chaos.calls(['read'])).toBeLessThanOrEqual(6)
  })

  it('are refused where ten thousand wait', async () => {
    const alone = world.startWithoutCache()
    alone.ledger.chaos.hold(['read'])
    for (let i = 0; i < 4; i++) {
      alone.read(anId()).catch(() => undefined)
      await settled()
    }
    const waiting = Array.from({ length: 10_000 }, () => alone.read(anId()))
    waiting.forEach((each) => void each.catch(() => undefined))

    await expect(alone.read(anId())).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_LEDGER_UNAVAILABLE', operation: 'read' }),
    )
  })

  async function queues(process: Process): Promise<Readonly<Record<string, number>>> {
    process.ledger.chaos.heal()
    return (await process.engine.health()).queues
  }
})
