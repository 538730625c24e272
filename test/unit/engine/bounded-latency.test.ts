import { beforeEach, describe, expect, it } from '@jest/globals'
import { anId } from '../../../src/testing/fixtures.js'
import { Held, World, type Process } from '../../support/engine.js'

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

  it('thousands of writes that come at once are rejected within its timeout', async () => {
    here.ledger.chaos.hold(['commit'])
    const begin = (_: unknown, i: number): Promise<unknown> =>
      new Held(here.engine, anId(`${i}`), { base: 'new' }).save({ i })
    const times = ends(Array.from({ length: 2_000 }, begin))
    await world.clock.advance(TIMEOUT)

    expect(times).toHaveLength(2_000)
  })
})
