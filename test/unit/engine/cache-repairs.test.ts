import { beforeEach, describe, expect, it } from '@jest/globals'
import { toSessionId } from '../../../src/core/session-id.js'
import { CacheRepairs } from '../../../src/engine/cache-repairs.js'
import { ChaosCache } from '../../../src/testing/chaos-cache.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { InProcessCache } from '../../support/in-process-cache.js'

let clock: ManualClock
let cache: ChaosCache
let repairs: CacheRepairs

beforeEach(() => {
  clock = new ManualClock()
  cache = new ChaosCache(new InProcessCache(clock))
  repairs = new CacheRepairs({ cache, timeout: 50, clock })
})

const idOf = (number: number) => toSessionId(`session ${number}`)

describe('a repair', () => {
  it('rejects where it fails', async () => {
    cache.chaos.fail(['forget'], 1)

    await expect(repairs.repair(idOf(0), 1)).rejects.toThrow('Refused')
    await expect(repairs.repair(idOf(0), 1)).resolves.toBeUndefined()
  })

  it('rejects at its deadline', async () => {
    cache.chaos.hold(['forget'])
    const late = expect(repairs.repair(idOf(0), 1)).rejects.toThrow('No answer within 50 ms')
    await clock.advance(50)
    await late
  })

  it('is not asked for while a thousand are unanswered, and is when the cache answers again', async () => {
    cache.chaos.hold(['forget'])
    for (let times = 0; times < 3; times++) {
      const asked = Array.from({ length: 500 }, (_, n) => repairs.repair(idOf(n), 1))
      const ended = Promise.allSettled(asked)
      await clock.advance(51)
      await ended
    }
    expect(cache.chaos.calls(['forget'])).toBe(1_000)

    cache.chaos.heal()
    repairs.restart()
    await expect(repairs.repair(idOf(0), 1)).resolves.toBeUndefined()
  })
})

describe('what the cache could not be told', () => {
  it('is told, all of it', async () => {
    for (let n = 0; n < 1_200; n++) repairs.untold.add(idOf(n), 1)
    await repairs.tellUntold()

    expect([repairs.untold.size, cache.chaos.calls(['forget'])]).toEqual([0, 1_200])
  })

  it('is untold still where that fails, but for the others', async () => {
    for (let n = 0; n < 1_200; n++) repairs.untold.add(idOf(n), 1)
    cache.chaos.fail(['forget'], 3)

    await expect(repairs.tellUntold()).rejects.toThrow('Refused')
    expect(repairs.untold.size).toBe(3)
  })

  it('is asked for five hundred times, where all are refused', async () => {
    for (let n = 0; n < 1_200; n++) repairs.untold.add(idOf(n), 1)
    cache.chaos.fail(['forget'])

    await expect(repairs.tellUntold()).rejects.toThrow('Refused')
    expect(cache.chaos.calls(['forget'])).toBe(500)
  })

  it('is told by a reply that comes late', async () => {
    repairs.untold.add(idOf(0), 1)
    const release = cache.chaos.hold(['forget'])
    const telling = expect(repairs.tellUntold()).rejects.toThrow('No answer within 50 ms')
    await clock.advance(50)
    await telling
    release()
    await clock.advance(0)

    expect(repairs.untold.size).toBe(0)
  })

  it('is let be where another program has a value of its own there', async () => {
    cache.forget = () => Promise.reject(new Error('WRONGTYPE Operation against a key'))
    repairs.untold.add(idOf(0), 1)
    await repairs.tellUntold()

    expect(repairs.untold.size).toBe(0)
  })

  it('is of ten thousand sessions at most: the oldest gives way, and that is said', () => {
    const hadRoom = Array.from({ length: 10_000 }, (_, n) => repairs.untold.add(idOf(n), 1))
    expect(hadRoom.every(Boolean)).toBe(true)
    expect(repairs.untold.add(idOf(1), 2)).toBe(true)
    expect(repairs.untold.add(idOf(10_000), 1)).toBe(false)

    expect([repairs.untold.size, repairs.untold.of(idOf(0))]).toEqual([10_000, undefined])
  })

  it('is told by a change that is newer, and not by one that is older', () => {
    repairs.untold.add(idOf(0), 5)
    repairs.untold.add(idOf(0), 3)
    repairs.untold.told(idOf(0), repairs.untold.of(idOf(0)), 4)
    expect(repairs.untold.size).toBe(1)

    repairs.untold.told(idOf(0), repairs.untold.of(idOf(0)), 5)
    expect(repairs.untold.size).toBe(0)
  })
})
