import { beforeEach, describe, expect, it } from '@jest/globals'
import { NearCache, type NearCacheOptions } from '../../../../src/caches/near/near-cache.js'
import type { NearEntry } from '../../../../src/core/near.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { FakeBus } from '../../../support/fake-bus.js'

const id = toSessionId('a session')

let clock: ManualClock
let bus: FakeBus
let near: NearCache

beforeEach(() => {
  clock = new ManualClock()
  bus = new FakeBus()
})

function open(options: Partial<NearCacheOptions>): NearCache {
  const now = () => clock.now()
  return new NearCache({ bus, clock, now, maxEntries: 100, maxAge: 2_000, ...options })
}

function anEntry(fields: Partial<NearEntry> = {}): NearEntry {
  const expiresAt = clock.now() + 3_600_000
  const commit = { version: 1, writeId: 'w' }
  return { id, ...commit, raw: '{}', expiresAt, absoluteExpiresAt: undefined, ...fields }
}

function keep(fields: Partial<NearEntry> = {}): void {
  const entry = anEntry(fields)
  near.keep(near.begin(entry.id), entry)
}

describe('the bounds of the near cache', () => {
  const ids = ['a', 'b', 'c'].map(toSessionId)

  it('hold as many entries as they may, and those that were asked for last', () => {
    near = open({ maxEntries: 2 })
    keep({ id: ids[0]! })
    keep({ id: ids[1]! })
    near.get(ids[0]!)
    keep({ id: ids[2]! })
    expect(ids.map((each) => near.get(each) !== undefined)).toEqual([true, false, true])
  })

  it('hold as many bytes as they may', () => {
    near = open({ maxEntries: 1_000, maxBytes: 200_000 })
    for (let index = 0; index < 500; index++) {
      keep({ id: toSessionId(`id ${index}`), raw: 'x'.repeat(1_000) })
      expect(near.bytes).toBeLessThanOrEqual(200_000)
    }
    expect(near.size).toBeGreaterThan(80)
    expect(near.size).toBeLessThan(100)
  })

  it('leave out an entry that would push out many, and forget what it replaces', () => {
    near = open({ maxBytes: 64_000 })
    keep({ version: 1 })
    keep({ version: 1, raw: 'x'.repeat(500) })
    expect(near.get(id)).toBeUndefined()
    keep({ version: 2 })
    expect(near.get(id)?.version).toBe(2)
  })

  it('forget everything, and keep nothing under way, where too many messages came', () => {
    near = open({ maxMessages: 2 })
    const [first, ...others] = ids
    const ticket = near.begin(id)
    keep({ id: first! })
    for (const each of others) bus.tell(each, 1)
    expect(near.size).toBe(1)
    bus.tell(toSessionId('one more'), 1)

    near.keep(ticket, anEntry())
    expect(near.size).toBe(0)
    keep()
    expect(near.size).toBe(1)
  })
})
