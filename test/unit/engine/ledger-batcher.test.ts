import { describe, expect, it } from '@jest/globals'
import { DeadlineError, LedgerUnavailableError } from '../../../src/core/errors.js'
import type { Batcher } from '../../../src/engine/batcher.js'
import { createLedgerBatcher } from '../../../src/engine/ledger-batcher.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { settled } from '../../support/engine.js'

type Operation = Parameters<typeof createLedgerBatcher>[1]

/** How many items each statement holds that began; none of them ends. */
function endless(operation: Operation): {
  batcher: Batcher<number, number>
  sizes: number[]
  clock: ManualClock
} {
  const clock = new ManualClock()
  const sizes: number[] = []
  const ledger = { name: 'memory', timeout: 200, clock }
  const batcher = createLedgerBatcher<number, number>(ledger, operation, (items) => {
    sizes.push(items.length)
    return new Promise(() => undefined)
  })
  return { batcher, sizes, clock }
}

describe.each([
  ['read', 4],
  ['commit', 2],
  ['revoke', 2],
  ['note repairs', 1],
] as const)('a batcher of the ledger’s %s', (operation, lanes) => {
  it('has no more statements under way than the ledger takes well, of 128 sessions each', async () => {
    const { batcher, sizes } = endless(operation)
    for (let item = 0; item < 1_000; item++) void batcher.submit(item)
    await settled()

    expect(sizes).toEqual(Array.from({ length: lanes }, () => 128))
  })

  it('tells that the ledger is out of reach where ten thousand wait', async () => {
    const { batcher } = endless(operation)
    for (let item = 0; item < 10_000; item++) void batcher.submit(item)
    const refused = batcher.submit(10_000)

    await expect(refused).rejects.toThrow(LedgerUnavailableError)
    await expect(refused).rejects.toMatchObject({ ledger: 'memory', operation })
  })
  it('tells that the ledger is out of reach to what has waited for as long as it may take', async () => {
    const { batcher, clock } = endless(operation)
    for (let item = 0; item < lanes * 128; item++) void batcher.submit(item)
    const waiting = batcher.submit(1_000)
    const told = expect(waiting).rejects.toMatchObject({
      constructor: LedgerUnavailableError,
      operation,
      cause: new DeadlineError(200),
    })
    await clock.advance(200)

    await told
  })
})
