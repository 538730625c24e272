import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CircuitBreaker, type BreakerState } from '../../../src/engine/circuit-breaker.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

interface Opened {
  readonly breaker: CircuitBreaker
  readonly clock: ManualClock
  readonly states: BreakerState[]
  /** When each probe began, ms from the start. */
  readonly probes: number[]
  answer: () => Promise<void>
}

function openBreaker(random?: () => number): Opened {
  const clock = new ManualClock()
  const states: BreakerState[] = []
  const probes: number[] = []
  const opened: { answer: () => Promise<void> } = { answer: () => Promise.resolve() }
  const breaker = new CircuitBreaker({
    clock,
    onState: (state) => states.push(state),
    probe: () => {
      probes.push(clock.monotonic())
      return opened.answer()
    },
    ...(random ? { random } : {}),
  })
  return Object.assign(opened, { breaker, clock, states, probes })
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) breaker.failed()
}

function succeed(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) breaker.succeeded()
}

const refuse = (): Promise<never> => Promise.reject(new Error('still down'))

describe('a circuit breaker', () => {
  it('opens at five failures in a row', () => {
    const { breaker, states } = openBreaker()
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(states).toEqual(['open'])
  })

  it('counts failures in a row anew after a success', () => {
    const { breaker } = openBreaker()
    fail(breaker, 4)
    succeed(breaker, 1)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
  })

  it('opens when half of twenty calls failed', () => {
    const { breaker } = openBreaker()
    for (let i = 0; i < 9; i++) {
      succeed(breaker, 1)
      fail(breaker, 1)
    }
    succeed(breaker, 1)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('stays closed when less than half failed', () => {
    const { breaker } = openBreaker()
    for (let i = 0; i < 20; i++) {
      succeed(breaker, 2)
      fail(breaker, 1)
    }
    expect(breaker.state).toBe('closed')
  })

  it('forgets calls after ten seconds', async () => {
    const { breaker, clock } = openBreaker()
    for (let i = 0; i < 9; i++) {
      succeed(breaker, 1)
      fail(breaker, 1)
    }
    await clock.advance(10_001)
    succeed(breaker, 1)
    fail(breaker, 1)
    expect(breaker.state).toBe('closed')
  })

  it('closes by a probe of its own, and by nothing else', async () => {
    const { breaker, clock, states } = openBreaker()
    fail(breaker, 5)
    succeed(breaker, 100)
    expect(breaker.state).toBe('open')
    await clock.advance(3_000)
    expect(states).toEqual(['open', 'half-open', 'closed'])
  })

  it('lets no call pass during the probe', async () => {
    const opened = openBreaker(() => 0)
    let succeeded = (): void => undefined
    opened.answer = () => new Promise((resolve) => (succeeded = resolve))
    fail(opened.breaker, 5)
    await opened.clock.advance(50)
    expect(opened.breaker.state).toBe('half-open')
    succeeded()
    await opened.clock.advance(0)
    expect(opened.breaker.state).toBe('closed')
  })

  it('is opened once by calls that fail together', () => {
    const { breaker, clock, states } = openBreaker()
    fail(breaker, 50)
    expect(states).toEqual(['open'])
    expect(clock.pending).toBe(1)
  })

  it('probes again, later, while probes fail', async () => {
    const opened = openBreaker(() => 0.999_999)
    opened.answer = refuse
    fail(opened.breaker, 5)
    await opened.clock.advance(15_000)
    const [first = 0, ...others] = opened.probes.map(Math.round)
    const pauses = others.map((at, i) => at - [first, ...others][i]!)
    expect([first, ...pauses]).toEqual([150, 450, 1350, 3000, 3000, 3000, 3000])
  })

  it('waits at least 50 ms and at most 3 s before each probe', async () => {
    const randoms = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(randoms, async (numbers) => {
        let turn = 0
        const opened = openBreaker(() => numbers[turn++ % numbers.length]!)
        opened.answer = refuse
        fail(opened.breaker, 5)
        await opened.clock.advance(10_000)
        const pauses = opened.probes.map((at, i) => at - (opened.probes[i - 1] ?? 0))
        for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(50 - 1e-6)
        for (const pause of pauses) expect(pause).toBeLessThanOrEqual(3_000 + 1e-6)
        expect(pauses.length).toBeGreaterThanOrEqual(3)
      }),
      { numRuns: 20 },
    )
  })

  it('begins with short pauses again after it was closed', async () => {
    const opened = openBreaker(() => 0.999_999)
    opened.answer = refuse
    fail(opened.breaker, 5)
    await opened.clock.advance(2_000)
    opened.answer = () => Promise.resolve()
    await opened.clock.advance(3_000)
    expect(opened.breaker.state).toBe('closed')
    fail(opened.breaker, 5)
    const probes = opened.probes.length
    await opened.clock.advance(150)
    expect(opened.probes.length).toBe(probes + 1)
  })

  it('counts anew after it was closed', async () => {
    const { breaker, clock } = openBreaker()
    fail(breaker, 5)
    await clock.advance(3_000)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
  })

  it('probes no more once it is stopped', async () => {
    const { breaker, clock, probes } = openBreaker()
    fail(breaker, 5)
    breaker.stop()
    await clock.advance(10_000)
    expect(probes).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('probes no more where it is stopped during a probe that fails', async () => {
    const opened = openBreaker(() => 0)
    let failed = (): void => undefined
    opened.answer = () =>
      new Promise((_, reject) => (failed = () => reject(new Error('still down'))))
    fail(opened.breaker, 5)
    await opened.clock.advance(50)
    opened.breaker.stop()
    failed()
    await opened.clock.advance(0)
    expect(opened.clock.pending).toBe(0)
  })

  it('schedules nothing where calls fail after it was stopped', () => {
    const { breaker, clock } = openBreaker()
    breaker.stop()
    fail(breaker, 5)
    expect(clock.pending).toBe(0)
  })
})
