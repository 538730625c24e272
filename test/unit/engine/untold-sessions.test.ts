import { beforeEach, describe, expect, it } from '@jest/globals'
import { createEvents } from '../../../src/core/events.js'
import { silentLogger } from '../../../src/core/logger.js'
import { GuardedCache } from '../../../src/engine/guarded-cache.js'
import { ChaosCache } from '../../../src/testing/chaos-cache.js'
import { aRecord, anId } from '../../../src/testing/fixtures.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { InProcessCache } from '../../support/in-process-cache.js'

const { id } = aRecord()
let clock: ManualClock
let cache: ChaosCache
let guarded: GuardedCache

beforeEach(() => {
  clock = new ManualClock()
  cache = new ChaosCache(new InProcessCache(clock))
  const events = createEvents(silentLogger)
  const repairing = { apply: () => Promise.resolve(), isUnread: false }
  guarded = new GuardedCache({ cache, timeout: 50, clock, events, repairing })
})

function record(version = 1): ReturnType<typeof aRecord> {
  return aRecord({ version, expiresAt: clock.now() + 3_600_000 })
}

describe('a cache that was not told of a session', () => {
  it('is not believed in what it answered before it was told', async () => {
    await guarded.reserve(id, 'a token')
    await guarded.put(record(), { fill: 'a token' })
    guarded.repairs.untold.add(id, 2)
    const reply = cache.chaos.holdReplies(['read'], 1)
    const reading = guarded.read(id)
    await guarded.repairs.tellUntold()
    reply()

    expect(await reading).toEqual({ kind: 'unreached', reason: 'untold' })
    expect(await guarded.read(id)).toEqual({ kind: 'absent' })
  })

  it('is left alone where there is no room for more that it could not be told', async () => {
    cache.chaos.fail(['forget'], 4)
    for (let n = 0; n < 10_000; n++) guarded.repairs.untold.add(anId(`${n}`), 1)
    expect(guarded.isReachable).toBe(true)
    await guarded.forget(id, 1)

    expect(guarded.isReachable).toBe(false)
  })
})
