import { describe, expect, it } from '@jest/globals'
import { SharedTimers } from '../../../src/engine/shared-timers.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

/** What was done, and when. */
function openTimers() {
  const clock = new ManualClock()
  const timers = new SharedTimers(clock)
  const done: string[] = []
  const start = (name: string, delay: number) =>
    timers.start(() => done.push(`${name} at ${clock.monotonic()}`), delay)
  return { clock, done, start }
}

describe('SharedTimers', () => {
  it('does each task after its own delay', async () => {
    const { clock, done, start } = openTimers()
    start('slow', 80)
    start('fast', 50)
    await clock.advance(10)
    start('later', 50)
    await clock.advance(100)

    expect(done).toEqual(['fast at 50', 'later at 60', 'slow at 80'])
    expect(clock.pending).toBe(0)
  })

  it('has one timer for all of the same delay', async () => {
    const { clock, done, start } = openTimers()
    for (let each = 0; each < 1_000; each++) start(String(each), 50)
    await clock.advance(0)
    expect(clock.pending).toBe(1)
    await clock.advance(50)

    expect(done).toHaveLength(1_000)
  })

  it('does not do what was stopped, and does what was not', async () => {
    const { clock, done, start } = openTimers()
    const stopped = Array.from({ length: 1_000 }, (_, each) => start(`stopped ${each}`, 50))
    await clock.advance(20)
    start('kept', 50)
    for (const timer of stopped) timer.stop()
    for (const timer of stopped) timer.stop()
    await clock.advance(50)

    expect(done).toEqual(['kept at 70'])
  })

  it('leaves no timer where all was stopped', async () => {
    const { clock, start } = openTimers()
    const [one, two] = [start('one', 50), start('two', 50)]
    await clock.advance(0)
    one.stop()
    expect(clock.pending).toBe(1)
    two.stop()

    expect(clock.pending).toBe(0)
  })

  it('begins a delay at the end of the turn: what is asked in a turn is sent then', async () => {
    let now = 0
    const ticks: (() => void)[] = []
    const timers = new SharedTimers({
      now: () => now,
      monotonic: () => now,
      schedule: (tick) => {
        ticks.push(tick)
        return () => undefined
      },
    })
    const done: number[] = []
    timers.start(() => done.push(now), 50)
    // So long this process is busy in that turn.
    now = 72
    await turn()
    now = 121
    ticks.shift()?.()
    await turn()
    expect(done).toEqual([])
    now = 122
    ticks.shift()?.()
    await turn()

    expect(done).toEqual([122])
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
