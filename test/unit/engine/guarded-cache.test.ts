import { beforeEach, describe, expect, it } from '@jest/globals'
import { CacheUnavailableError, LedgerUnavailableError } from '../../../src/core/errors.js'
import { createEvents } from '../../../src/core/events.js'
import { silentLogger } from '../../../src/core/logger.js'
import { GuardedCache } from '../../../src/engine/guarded-cache.js'
import { ChaosCache } from '../../../src/testing/chaos-cache.js'
import { aRecord, anId } from '../../../src/testing/fixtures.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { InProcessCache } from '../../support/in-process-cache.js'

const id = aRecord().id
let clock: ManualClock
let cache: ChaosCache
let guarded: GuardedCache
let failures: unknown[]
let states: unknown[]
let apply: () => Promise<void>

beforeEach(() => {
  clock = new ManualClock()
  cache = new ChaosCache(new InProcessCache(clock))
  const events = createEvents(silentLogger)
  failures = []
  states = []
  events.on('cache-failure', ({ error }) => failures.push(error))
  events.on('cache-state', (state) => states.push(state))
  apply = () => Promise.resolve()
  guarded = new GuardedCache({
    cache,
    timeout: 50,
    clock,
    events,
    repairing: { apply: () => apply(), isUnread: false },
  })
})

/** Opens the breaker. */
async function breakDown(): Promise<void> {
  cache.chaos.fail()
  for (let i = 0; i < 5; i++) await guarded.read(id)
}

describe('a guarded cache', () => {
  it('answers as the cache does', async () => {
    expect(guarded.name).toBe('in-process')
    expect(await guarded.reserve(id, 'a token')).toEqual({ kind: 'absent' })
    expect(await guarded.read(id)).toEqual({ kind: 'filling' })
    expect(await guarded.put(record(), { fill: 'a token' })).toBe('ok')
    await guarded.touch(id, { version: 1, expiresAt: clock.now() + 9e6 })
    expect(await guarded.forget(id, 1)).toBe(true)
    expect(await guarded.bury(id, { version: 1, ttl: 1_000 })).toBe('told')
  })

  it('leaves no timer behind', async () => {
    await guarded.read(id)
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('answers that a call failed, which is an event with the driver’s error', async () => {
    cache.chaos.fail(['read'])
    expect(await guarded.read(id)).toEqual({ kind: 'unreached', reason: 'failed' })
    expect(failures).toMatchObject([
      { cache: 'in-process', operation: 'read', cause: { name: 'ChaosError' } },
    ])
  })

  it('answers that a call was late, at its deadline', async () => {
    cache.chaos.hold(['read'])
    const reading = guarded.read(id)
    await clock.advance(50)
    expect(await reading).toEqual({ kind: 'unreached', reason: 'late' })
    expect(failures).toMatchObject([{ cause: { code: 'ERR_DEADLINE', timeout: 50 } }])
  })

  it('asks nothing more while a call is late, and does again once that has ended', async () => {
    const release = cache.chaos.hold(['read'], 1)
    const late = guarded.read(id)
    await clock.advance(50)
    expect(await late).toMatchObject({ reason: 'late' })

    expect(await guarded.read(id)).toEqual({ kind: 'unreached', reason: 'open' })
    expect([guarded.isReachable, cache.chaos.calls(['read'])]).toEqual([false, 1])

    release()
    await clock.advance(0)
    expect(guarded.isReachable).toBe(true)
    expect(await guarded.read(id)).toEqual({ kind: 'absent' })
  })

  it('opens its breaker while a call is late, as if those after it had failed', async () => {
    cache.chaos.hold(['read'])
    const late = guarded.read(id)
    await clock.advance(50)
    await late
    for (let i = 0; i < 4; i++) await guarded.read(id)

    expect(states).toEqual([{ cache: 'in-process', state: 'open' }])
  })

  it('forgets what is late once a probe was answered', async () => {
    cache.chaos.hold(['read'])
    const late = guarded.read(id)
    await clock.advance(50)
    await late
    for (let i = 0; i < 4; i++) await guarded.read(id)
    await clock.advance(5_000)

    expect(guarded.isReachable).toBe(true)
  })

  it('gives two calls of one read one deadline', async () => {
    cache.chaos.hold(['reserve'])
    const late = guarded.reserve(id, 'a token', 30)
    await clock.advance(20)

    expect(await late).toMatchObject({ reason: 'late' })
  })

  it('takes what throws at once for a failure', async () => {
    cache.read = () => {
      throw new RangeError('no such id')
    }
    expect(await guarded.read(id)).toMatchObject({ reason: 'failed' })
  })

  it('tells that it may not have buried, or not forgotten, and leaves the others at that', async () => {
    cache.chaos.fail()
    expect(await guarded.forget(id, 1)).toBe(false)
    expect(await guarded.bury(id, { version: 1, ttl: 1 })).toBe('unknown')
    expect(await guarded.touch(id, { version: 1, expiresAt: clock.now() })).toBeUndefined()
  })

  it('tells that it did not bury where it did not ask', async () => {
    await breakDown()
    expect(await guarded.bury(id, { version: 1, ttl: 1 })).toBe('untold')
  })

  it('does not ask after five failures in a row', async () => {
    await breakDown()
    expect(guarded.isReachable).toBe(false)
    expect(await guarded.read(id)).toEqual({ kind: 'unreached', reason: 'open' })
    expect(cache.chaos.calls(['read'])).toBe(5)
    expect(states).toEqual([{ cache: 'in-process', state: 'open' }])
  })

  it('is not told of a put while it is not asked', async () => {
    await breakDown()
    expect(await guarded.put(record(), 'update')).toBe('untold')
    expect(cache.chaos.calls(['put', 'forget'])).toBe(0)
  })

  it('is reachable again once a probe was answered, and what must be done before is done', async () => {
    await breakDown()
    const order: string[] = []
    cache.chaos.heal()
    apply = async () => {
      order.push(`reachable: ${guarded.isReachable}`)
    }
    await clock.advance(3_000)
    expect(order).toEqual(['reachable: false'])
    expect(guarded.isReachable).toBe(true)
    expect(cache.chaos.calls(['ping'])).toBe(1)
  })

  it('stays out of reach while what must be done before can not be', async () => {
    await breakDown()
    cache.chaos.heal()
    apply = () => Promise.reject(new Error('the ledger is down'))
    await clock.advance(10_000)
    expect(guarded.isReachable).toBe(false)
  })

  it('is not trusted by a ping that is late', async () => {
    await breakDown()
    cache.chaos.hold()
    await clock.advance(10_000)
    expect(guarded.isReachable).toBe(false)
  })

  it('tells how long a ping took', async () => {
    const release = cache.chaos.hold(['ping'])
    const pinging = guarded.ping()
    await clock.advance(20)
    release()
    expect(await pinging).toBe(20)
  })

  it('is left alone, though what was asked before is answered', async () => {
    const release = cache.chaos.hold(['read'], 1)
    const answered = guarded.read(id)
    cache.chaos.hold(['read'], 1)
    const late = guarded.read(id)
    apply = () => Promise.reject(new LedgerUnavailableError('memory', 'read repairs', null))
    guarded.distrust()
    release()
    await answered
    await clock.advance(50)
    await late
    await clock.advance(10_000)

    expect(guarded.isReachable).toBe(false)
  })

  it('has eight PINGs under way and no more, however long they take', async () => {
    await breakDown()
    const release = cache.chaos.hold(['ping'])
    await clock.advance(30_000)
    const asking = expect(guarded.ping()).rejects.toThrow(CacheUnavailableError)
    await clock.advance(50)
    await asking
    expect(cache.chaos.calls(['ping'])).toBe(8)

    cache.chaos.heal()
    release()
    await clock.advance(3_000)
    expect(guarded.isReachable).toBe(true)
  })

  it('closes the cache, and its failure is an event', async () => {
    cache.chaos.fail(['close'])
    await guarded.close()
    expect(cache.chaos.calls(['close'])).toBe(1)
    expect(failures).toMatchObject([{ operation: 'close' }])
  })
})

describe('a put through the guard', () => {
  it('that fails makes the cache forget what it holds', async () => {
    await guarded.reserve(id, 'a token')
    await guarded.put(record(), { fill: 'a token' })
    cache.chaos.fail(['put'])
    expect(await guarded.put(record(2), 'update')).toBe('forgotten')
    expect(await guarded.read(id)).toEqual({ kind: 'absent' })
  })

  it('that fails, and with it the forgetting, is told', async () => {
    cache.chaos.fail(['put', 'forget'])
    expect(await guarded.put(record(2), 'update')).toBe('untold')
  })

  it('that is late is told without waiting for the forgetting, which is asked for', async () => {
    cache.chaos.hold(['put', 'forget'])
    const putting = guarded.put(record(2), 'update')
    await clock.advance(50)
    expect(await putting).toBe('untold')
    expect(cache.chaos.calls(['forget'])).toBe(1)
  })

  it('tells what the cache has answered', async () => {
    expect(await guarded.put({ ...record(2), id: anId() }, 'update')).toBe('absent')
  })
})

function record(version = 1): ReturnType<typeof aRecord> {
  return aRecord({ version, expiresAt: clock.now() + 3_600_000 })
}

describe('a cache that has come back', () => {
  it('is asked one read at a time at first, while everything is told to it', async () => {
    await breakDown()
    cache.chaos.heal()
    await clock.advance(3_000)
    const reads = await Promise.all(Array.from({ length: 8 }, () => guarded.read(id)))

    const passedBy = { kind: 'unreached', reason: 'ramp' }
    expect(reads).toEqual([{ kind: 'absent' }, ...Array.from({ length: 7 }, () => passedBy)])
    const told = await Promise.all(Array.from({ length: 8 }, () => guarded.forget(id, 1)))
    expect(told).not.toContain(false)
  })

  it('is asked twice as many with each round', async () => {
    await breakDown()
    cache.chaos.heal()
    await clock.advance(3_000)
    await guarded.read(id)
    const reads = await Promise.all(Array.from({ length: 8 }, () => guarded.read(id)))

    expect(reads.filter(({ kind }) => kind === 'absent')).toHaveLength(2)
  })
})
