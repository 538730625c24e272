import { beforeEach, describe, expect, it } from '@jest/globals'
import { NearCache, type NearCacheOptions } from '../../../../src/caches/near/near-cache.js'
import { MAX_VERSION } from '../../../../src/core/ledger.js'
import type { NearEntry } from '../../../../src/core/near.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { FakeBus } from '../../../support/fake-bus.js'

const HOUR = 3_600_000
const MAX_AGE = 2_000
const id = toSessionId('a session')

let clock: ManualClock
let bus: FakeBus
let near: NearCache

beforeEach(() => {
  clock = new ManualClock()
  bus = new FakeBus()
  near = open()
})

function open(options: Partial<NearCacheOptions> = {}): NearCache {
  const now = () => clock.now()
  return new NearCache({ bus, clock, now, maxEntries: 100, maxAge: MAX_AGE, ...options })
}

function anEntry(fields: Partial<NearEntry> = {}): NearEntry {
  return {
    id,
    version: 1,
    writeId: 'w',
    raw: '{"visits":1}',
    expiresAt: clock.now() + HOUR,
    absoluteExpiresAt: undefined,
    ...fields,
  }
}

function keep(fields: Partial<NearEntry> = {}, cache = near): NearEntry {
  const entry = anEntry(fields)
  cache.keep(cache.begin(entry.id), entry)
  return entry
}

describe('what is remembered', () => {
  it('is nothing at first', () => {
    expect(near.get(id)).toBeUndefined()
    expect([near.size, near.bytes]).toEqual([0, 0])
  })

  it('is what was kept', () => {
    const entry = keep()
    expect(near.get(id)).toEqual(entry)
    expect(near.get(toSessionId('another'))).toBeUndefined()
  })

  it('is not believed while the bus is not healthy', () => {
    keep()
    bus.isHealthy = false
    expect(near.get(id)).toBeUndefined()
  })

  it('is forgotten when the epoch moves', () => {
    keep()
    bus.epoch += 1
    expect(near.get(id)).toBeUndefined()
    bus.epoch -= 1
    expect(near.get(id)).toBeUndefined()
  })

  it('is believed until it is as old as it may be, from when its read began', async () => {
    const ticket = near.begin(id)
    await clock.advance(500)
    near.keep(ticket, anEntry())

    await clock.advance(MAX_AGE - 500)
    expect(near.get(id)).toBeDefined()
    await clock.advance(1)
    expect(near.get(id)).toBeUndefined()
  })

  it('is not believed once it has expired, by the time of the ledger', async () => {
    let ledgerTime = 1_000
    near = open({ now: () => ledgerTime })
    keep({ expiresAt: 2_000 })
    ledgerTime = 1_999
    expect(near.get(id)).toBeDefined()
    ledgerTime = 2_000
    expect(near.get(id)).toBeUndefined()
  })

  it('takes no place once it was not believed', async () => {
    keep()
    await clock.advance(MAX_AGE + 1)
    near.get(id)
    expect([near.size, near.bytes]).toEqual([0, 0])
  })
})

describe('a message', () => {
  it('drops what is below its version', () => {
    keep({ version: 1 })
    bus.tell(id, 2)
    expect(near.get(id)).toBeUndefined()
    expect(near.size).toBe(0)
  })

  it.each([[2], [1]])('leaves version 2 where it says %p', (version) => {
    const entry = keep({ version: 2 })
    bus.tell(id, version)
    expect(near.get(id)).toEqual(entry)
  })

  it('is told by this process as well, as a destroy is', () => {
    keep()
    near.drop(id, MAX_VERSION)
    expect(near.get(id)).toBeUndefined()
    keep({ version: 7 })
    expect(near.get(id)).toBeUndefined()
  })
})

describe('what a read brings', () => {
  it('is kept only where it began after every version was ended', async () => {
    const early = near.begin(id)
    bus.tell(id, MAX_VERSION)
    near.keep(early, anEntry({ version: 3 }))
    expect(near.get(id)).toBeUndefined()

    await clock.advance(1)
    expect(near.get(id)).toBeUndefined()
    const entry = keep({ version: 3 })
    expect(near.get(id)).toEqual(entry)
  })

  it.each([
    ['after it began', 0],
    ['before it began', 9_000],
  ])('is not kept where something newer was heard of %s', async (_when, wait) => {
    const early = near.begin(id)
    bus.tell(id, 2)
    await clock.advance(wait)
    near.keep(wait === 0 ? early : near.begin(id), anEntry({ version: 1 }))
    expect(near.get(id)).toBeUndefined()
  })

  it('is kept where its own version was heard of', () => {
    const ticket = near.begin(id)
    bus.tell(id, 2)
    near.keep(ticket, anEntry({ version: 2 }))
    expect(near.get(id)?.version).toBe(2)
  })

  it('is kept again once the message is long ago', async () => {
    bus.tell(id, 2)
    await clock.advance(20_000)
    keep({ version: 1 })
    expect(near.get(id)?.version).toBe(1)
  })

  it('is not kept while the bus is not healthy', () => {
    bus.isHealthy = false
    keep()
    expect(near.size).toBe(0)
  })

  it('is not kept where the epoch has moved since it began', () => {
    const ticket = near.begin(id)
    bus.epoch += 1
    near.keep(ticket, anEntry())
    expect(near.size).toBe(0)
  })

  it('is not kept where it took longer than messages are remembered', async () => {
    near = open({ maxAge: 60_000 })
    const [punctual, late] = [near.begin(id), near.begin(id)]
    await clock.advance(9_999)
    near.keep(punctual, anEntry())
    expect(near.size).toBe(1)

    near.drop(id, 2)
    await clock.advance(1)
    near.keep(late, anEntry({ version: 2 }))
    expect(near.size).toBe(0)
  })

  it('is not kept by the ticket of another id', () => {
    near.keep(near.begin(toSessionId('another')), anEntry())
    expect(near.size).toBe(0)
  })

  it('does not take the place of something higher', () => {
    keep({ version: 2 })
    keep({ version: 1 })
    expect(near.get(id)?.version).toBe(2)
  })

  it('is believed no more than another commit of its version: a failover lost one of them', () => {
    keep({ writeId: 'lost' })
    keep({ writeId: 'held' })
    expect(near.get(id)).toBeUndefined()

    keep({ writeId: 'held' })
    expect(near.get(id)).toMatchObject({ writeId: 'held' })
  })

  it('forgets what is lower even where it is not kept itself', async () => {
    const ticket = near.begin(id)
    await clock.advance(9_000)
    keep({ version: 1 })
    await clock.advance(1_000)
    near.keep(ticket, anEntry({ version: 2 }))
    expect(near.get(id)).toBeUndefined()
  })

  it('makes an entry of the same version younger, never older', async () => {
    const early = near.begin(id)
    await clock.advance(1_500)
    keep({ expiresAt: clock.now() + HOUR })
    near.keep(early, anEntry({ expiresAt: clock.now() + HOUR - 1 }))
    const expected = clock.now() + HOUR

    await clock.advance(1_000)
    expect(near.get(id)?.expiresAt).toBe(expected)
  })
})

describe('a touch', () => {
  it('moves the expiry later', () => {
    const { expiresAt } = keep()
    near.touch(id, { version: 1, expiresAt: expiresAt + HOUR })
    expect(near.get(id)?.expiresAt).toBe(expiresAt + HOUR)
  })

  it('never moves it earlier', () => {
    const { expiresAt } = keep()
    near.touch(id, { version: 1, expiresAt: expiresAt - 1 })
    expect(near.get(id)?.expiresAt).toBe(expiresAt)
  })

  it('leaves another version as it is: it may be meant to end sooner', () => {
    const { expiresAt } = keep({ version: 2 })
    near.touch(id, { version: 1, expiresAt: expiresAt + HOUR })
    expect(near.get(id)?.expiresAt).toBe(expiresAt)
  })

  it('never moves it past the absolute one', () => {
    const absoluteExpiresAt = clock.now() + HOUR + 1
    keep({ absoluteExpiresAt })
    near.touch(id, { version: 1, expiresAt: clock.now() + 2 * HOUR })
    expect(near.get(id)?.expiresAt).toBe(absoluteExpiresAt)
  })

  it('makes no entry, and none younger', async () => {
    near.touch(id, { version: 1, expiresAt: clock.now() + HOUR })
    expect(near.size).toBe(0)

    keep()
    await clock.advance(MAX_AGE)
    near.touch(id, { version: 1, expiresAt: clock.now() + 2 * HOUR })
    await clock.advance(1)
    expect(near.get(id)).toBeUndefined()
  })
})

describe('closing', () => {
  it('forgets all, listens no more and keeps nothing from then on', () => {
    keep()
    near.close()
    near.close()
    keep()
    expect([near.size, bus.listeners.size]).toEqual([0, 0])
    expect(near.get(id)).toBeUndefined()
  })
})
