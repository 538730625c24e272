import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RemoteTime, systemClock } from '../../../src/core/clock.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

describe('the system clock', () => {
  it('tells the wall time', () => {
    const before = Date.now()
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  })

  it('runs what is scheduled', async () => {
    const start = systemClock.monotonic()
    // The timer itself holds nothing: the test's own one does.
    const hold = setTimeout(() => {}, 1_000)
    await new Promise<void>((resolve) => void systemClock.schedule(resolve, 5))
    clearTimeout(hold)
    expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(4)
  })

  it('keeps no process alive by what is scheduled', () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const before = timers()
    const cancel = systemClock.schedule(() => {}, 60_000)
    const after = timers()
    cancel()
    expect(after).toBe(before)
  })

  it('does not run at once what is scheduled beyond the longest timer of Node', async () => {
    let hasRun = false
    const cancel = systemClock.schedule(() => (hasRun = true), 30 * 86_400_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    cancel()
    expect(hasRun).toBe(false)
  })

  it('does not run what was cancelled', async () => {
    let hasRun = false
    const cancel = systemClock.schedule(() => (hasRun = true), 0)
    cancel()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(hasRun).toBe(false)
  })
})

describe('RemoteTime', () => {
  it('is the local wall time until the first sample', () => {
    const clock = new ManualClock()
    expect(new RemoteTime(clock).now()).toBe(clock.now())
  })

  it('takes the answer for the time in the middle of the question', async () => {
    const clock = new ManualClock()
    const time = new RemoteTime(clock)
    const askedAt = clock.monotonic()
    await clock.advance(10)
    time.sample(5_000_000, askedAt)
    expect(time.now()).toBe(5_000_005)
  })

  it('moves with the monotonic clock', async () => {
    const clock = new ManualClock()
    const time = new RemoteTime(clock)
    time.sample(5_000_000, clock.monotonic())
    await clock.advance(1_234)
    expect(time.now()).toBe(5_001_234)
  })

  it('does not move with the wall clock', () => {
    let wall = 1_000
    const clock = { now: () => wall, monotonic: () => 0, schedule: () => () => {} }
    const time = new RemoteTime(clock)
    time.sample(5_000_000, 0)
    wall += 3_600_000
    expect(time.now()).toBe(5_000_000)
  })

  it('keeps a tight sample when a loose one follows', async () => {
    const clock = new ManualClock()
    const time = new RemoteTime(clock)
    time.sample(5_000_000, clock.monotonic())
    const askedAt = clock.monotonic()
    await clock.advance(100)
    time.sample(9_000_000, askedAt)
    expect(time.now()).toBe(5_000_100)
  })

  it('takes a loose sample once the tight one is a minute old', async () => {
    const clock = new ManualClock()
    const time = new RemoteTime(clock)
    time.sample(5_000_000, clock.monotonic())
    await clock.advance(60_000)
    const askedAt = clock.monotonic()
    await clock.advance(100)
    time.sample(9_000_000, askedAt)
    expect(time.now()).toBe(9_000_050)
  })

  it('is off by no more than half the time that its tightest sample took', async () => {
    const trips = fc.record({ there: fc.nat(200), back: fc.nat(200) })
    await fc.assert(
      fc.asyncProperty(fc.array(trips, { minLength: 1, maxLength: 8 }), async (samples) => {
        const clock = new ManualClock()
        const remote = (): number => clock.monotonic() + 77_000_000
        const time = new RemoteTime(clock)
        for (const { there, back } of samples) {
          const askedAt = clock.monotonic()
          await clock.advance(there)
          const said = remote()
          await clock.advance(back)
          time.sample(said, askedAt)
        }
        const tightest = Math.min(...samples.map(({ there, back }) => there + back))
        expect(Math.abs(time.now() - remote())).toBeLessThanOrEqual(tightest / 2)
      }),
      { numRuns: 50 },
    )
  })
})
