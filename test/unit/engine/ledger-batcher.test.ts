import { describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import type { Batcher } from '../../../src/engine/batcher.js'
import { createLedgerBatcher } from '../../../src/engine/ledger-batcher.js'
import { settled } from '../../support/engine.js'

type Operation = Parameters<typeof createLedgerBatcher>[1]

/** How many items each statement holds that began; none of them ends. */
function endless(operation: Operation): { batcher: Batcher<number, number>; sizes: number[] } {
  const sizes: number[] = []
  const batcher = createLedgerBatcher<number, number>({ name: 'memory' }, operation, (items) => {
    sizes.push(items.length)
    return new Promise(() => undefined)
  })
  return { batcher, sizes }
}

describe.each([
  ['read', 4],
  ['commit', 2],
  ['revoke', 2],
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
})
