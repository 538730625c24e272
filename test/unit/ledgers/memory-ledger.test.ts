import { describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from '../../../src/core/errors.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { MemoryStorage } from '../../../src/ledgers/memory/memory-storage.js'
import { aChange, anId } from '../../../src/testing/fixtures.js'
import type { OpenLedger } from '../../../src/testing/ledger-contract.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

describe('a memory ledger', () => {
  it.each(ledgerContract)('$name', ({ check }) => check(openEmpty()))

  it('expires by the clock that it is given', async () => {
    const clock = new ManualClock()
    const ledger = new MemoryLedger({ clock })
    const id = anId()
    await ledger.commit([aChange({ id, ttl: 1000 })])

    await clock.advance(999)
    expect((await ledger.read([id])).size).toBe(1)

    await clock.advance(1)
    expect((await ledger.read([id])).size).toBe(0)
  })

  it('has a storage of its own unless it is given one', async () => {
    const change = aChange()
    await new MemoryLedger().commit([change])

    expect((await new MemoryLedger().read([change.id])).size).toBe(0)
  })

  it.each(['', 'a:b', 'ä', 'x'.repeat(65)])('refuses the context %j', (context) => {
    expect(() => new MemoryLedger({ context })).toThrow(InvalidOptionError)
  })
})

function openEmpty(): OpenLedger {
  const storage = new MemoryStorage()
  return async ({ context } = {}) => new MemoryLedger({ context, storage })
}
