import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  DeadlineError,
  InvalidRecordError,
  LedgerUnavailableError,
} from '../../../src/core/errors.js'
import { createEvents } from '../../../src/core/events.js'
import { silentLogger } from '../../../src/core/logger.js'
import { GuardedLedger } from '../../../src/engine/guarded-ledger.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { ChaosLedger } from '../../../src/testing/chaos-ledger.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

let clock: ManualClock
let ledger: ChaosLedger
let guarded: GuardedLedger
let failures: unknown[]

beforeEach(() => {
  clock = new ManualClock()
  ledger = new ChaosLedger(new MemoryLedger({ clock }))
  const events = createEvents(silentLogger)
  failures = []
  events.on('ledger-failure', ({ error }) => failures.push(error))
  guarded = new GuardedLedger({ ledger, timeout: 5_000, clock, events })
})

const stats = (): Promise<unknown> => guarded.call('count', (each) => each.stats())

describe('a guarded ledger', () => {
  it('answers as the ledger does, and leaves no timer', async () => {
    expect(await stats()).toMatchObject({ active: 0 })
    await clock.advance(0)
    expect([guarded.name, guarded.now(), clock.pending]).toEqual(['memory', clock.now(), 0])
  })

  it('asks a second time after a failure', async () => {
    ledger.chaos.fail(['stats'], 1)
    expect(await stats()).toMatchObject({ active: 0 })
    expect(failures).toEqual([])
  })

  it('asks no third time: that is an error with the driver’s as its cause, and an event', async () => {
    ledger.chaos.fail(['stats'])
    await expect(stats()).rejects.toMatchObject({
      code: 'ERR_LEDGER_UNAVAILABLE',
      ledger: 'memory',
      operation: 'count',
      cause: { name: 'ChaosError' },
    })
    expect(ledger.chaos.calls(['stats'])).toBe(2)
    expect(failures).toHaveLength(1)
  })

  it('gives up at its deadline, over both attempts', async () => {
    ledger.chaos.hold(['stats'])
    const late = expect(stats()).rejects.toMatchObject({
      name: 'LedgerUnavailableError',
      cause: { code: 'ERR_DEADLINE', timeout: 5_000 },
    })
    await clock.advance(5_000)
    await late
    expect(ledger.chaos.calls(['stats'])).toBe(1)
  })

  it('asks no second time where the first failed after the deadline', async () => {
    let asked = 0
    let fail = (): void => undefined
    const answer = guarded.call('count', () => {
      asked++
      return new Promise((_, reject) => (fail = () => reject(new Error('reset'))))
    })
    const late = expect(answer).rejects.toMatchObject({ cause: { code: 'ERR_DEADLINE' } })
    await clock.advance(5_000)
    fail()
    await late
    await clock.advance(0)
    expect(asked).toBe(1)
  })

  it('lets the ledger’s own errors pass, once and as they are', async () => {
    const error = new InvalidRecordError(new Error('of the driver'))
    let calls = 0
    const asking = guarded.call('commit', () => {
      calls++
      return Promise.reject(error)
    })
    await expect(asking).rejects.toBe(error)
    expect([calls, failures]).toEqual([1, []])
  })

  it('is ready without a deadline', async () => {
    const release = ledger.chaos.hold(['ready'])
    const ready = guarded.ready()
    await clock.advance(60_000)
    release()
    await expect(ready).resolves.toBeUndefined()
  })

  it('tells that it is not ready where its driver has waited long enough', async () => {
    const late = Object.assign(new MemoryLedger({ clock }), {
      ready: () => Promise.reject(new DeadlineError(50)),
    })
    const events = createEvents(silentLogger)
    const waiting = new GuardedLedger({ ledger: late, timeout: 5_000, clock, events })

    await expect(waiting.ready()).rejects.toThrow(LedgerUnavailableError)
  })

  it('tells that it is not ready', async () => {
    ledger.chaos.fail(['ready'])
    await expect(guarded.ready()).rejects.toThrow(LedgerUnavailableError)
  })

  it('closes the ledger', async () => {
    await guarded.close()
    expect(ledger.chaos.calls(['close'])).toBe(1)
  })
})

describe('a guarded ledger whose driver answers nothing', () => {
  const beyondDeadline = async (calls: number): Promise<void> => {
    for (let call = 0; call < calls; call++) stats().catch(() => undefined)
    await clock.advance(5_000)
  }

  it('is asked no more once 32 calls are unanswered, but for one in each timeout', async () => {
    ledger.chaos.hold(['stats'])
    for (let time = 0; time < 20; time++) await beyondDeadline(4)

    expect(ledger.chaos.calls(['stats'])).toBe(32 + 12)
    stats().catch(() => undefined)
    await expect(stats()).rejects.toMatchObject({
      code: 'ERR_LEDGER_UNAVAILABLE',
      cause: new Error('Too many are unanswered'),
    })
    expect(failures).toHaveLength(32 + 12)
  })

  it('is asked for other things all the same', async () => {
    ledger.chaos.hold(['stats'])
    await beyondDeadline(33)

    expect(await guarded.call('read', (each) => each.read([]))).toEqual(new Map())
  })

  it('is asked as before once it answers in time, whatever it will never answer', async () => {
    ledger.chaos.hold(['stats'])
    await beyondDeadline(33)
    expect(guarded.unanswered).toBe(33)
    ledger.chaos.heal()
    await clock.advance(5_000)

    for (let call = 0; call < 10; call++) expect(await stats()).toMatchObject({ active: 0 })
    expect(guarded.unanswered).toBe(0)
  })

  it('is asked whatever it has not answered when that is the last time', async () => {
    ledger.chaos.hold(['stats'])
    await beyondDeadline(33)
    ledger.chaos.heal()
    guarded.beginClosing()

    expect(await Promise.all([stats(), stats()])).toHaveLength(2)
  })
})
