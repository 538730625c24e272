import { beforeEach, describe, expect, it } from '@jest/globals'
import type { SweepBatch } from '../../../src/core/ledger.js'
import { Sweeper } from '../../../src/engine/sweeper.js'
import { createTiers, type Tiers } from '../../../src/engine/tiers.js'
import { toEngineSettings, type SessionOptions } from '../../../src/core/session-options.js'
import { HOUR, World, settled, type Process } from '../../support/engine.js'
import { ChaosLedger } from '../../../src/testing/chaos-ledger.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start({ sweepBatch: 2 })
})

async function expired(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => here.begin({}, 1)))
  await world.clock.advance(1)
}

describe('a sweep', () => {
  it('deletes what has expired, batch by batch, and nothing else', async () => {
    const { id } = await here.begin()
    await expired(5)
    const sweeping = here.engine.sweep()
    await world.clock.advance(1_000)

    expect(await sweeping).toMatchObject({ removed: 5, busy: false })
    expect(here.ledger.chaos.calls(['sweep'])).toBe(3)
    expect([...world.storage.sessions.keys()]).toEqual([id])
    expect(here.heard('swept')).toMatchObject([{ removed: 5, busy: false }])
  })

  it('asks once where nothing has expired', async () => {
    expect(await here.engine.sweep()).toMatchObject({ removed: 0, busy: false })
    expect(here.ledger.chaos.calls(['sweep'])).toBe(1)
  })

  it('pauses between batches for as long as they took, and at least 5 ms', async () => {
    await expired(3)
    const sweeping = here.engine.sweep()
    await world.clock.advance(4)
    expect(here.ledger.chaos.calls(['sweep'])).toBe(1)
    const release = here.ledger.chaos.hold(['sweep'], 1)
    await world.clock.advance(1)
    await world.clock.advance(100)
    release()

    expect(await sweeping).toMatchObject({ removed: 3, duration: 105 })
  })

  it('ends where another process is sweeping', async () => {
    here.ledger.sweep = async (): Promise<SweepBatch> => ({ kind: 'busy' })
    expect(await here.engine.sweep()).toMatchObject({ removed: 0, busy: true })
  })

  it('is shared by those who ask at the same time', async () => {
    const [one, other] = await Promise.all([here.engine.sweep(), here.engine.sweep()])
    expect(one).toBe(other)
    await here.engine.sweep()
    expect(here.ledger.chaos.calls(['sweep'])).toBe(2)
  })

  it('rejects with the ledger down, and may be asked for again', async () => {
    here.ledger.chaos.fail(['sweep'])
    await expect(here.engine.sweep()).rejects.toMatchObject({ operation: 'sweep' })
    here.ledger.chaos.heal()
    await expect(here.engine.sweep()).resolves.toMatchObject({ removed: 0 })
  })
})

describe('a schedule of sweeps', () => {
  function open(random: number, options: SessionOptions = {}): { sweeper: Sweeper; tiers: Tiers } {
    const { clock, truth } = world
    const settings = toEngineSettings({ sweepEvery: HOUR, ledgerTimeout: 50, clock, ...options })
    const tiers = createTiers({ ledger: new ChaosLedger(truth), settings })
    return { sweeper: new Sweeper({ tiers, random: () => random }), tiers }
  }

  it.each([
    [0, 0.9 * HOUR],
    [0.5, HOUR],
    [0.999_999_999, 1.1 * HOUR],
  ])('sweeps, at a random %d, after %d ms and again', async (random, interval) => {
    const { sweeper, tiers } = open(random)
    let swept = 0
    tiers.events.on('swept', () => swept++)
    sweeper.start()
    await world.clock.advance(interval - 10)
    expect(swept).toBe(0)
    await world.clock.advance(20)
    expect(swept).toBe(1)
    await world.clock.advance(interval)
    expect(swept).toBe(2)
  })

  it('has none where that is turned off', () => {
    const before = world.clock.pending
    open(0, { sweepEvery: false }).sweeper.start()
    expect(world.clock.pending).toBe(before)
  })

  it('goes on after a failure, which is an event', async () => {
    const process = world.start({ sweepEvery: '1h' })
    process.ledger.chaos.fail(['sweep'])
    await world.clock.advance(1.2 * HOUR)
    expect(process.heard('background-failure')).toMatchObject([{ task: 'sweep' }])
    process.ledger.chaos.heal()
    await world.clock.advance(1.2 * HOUR)
    expect(process.heard('swept').length).toBeGreaterThanOrEqual(1)
  })

  it('ends when it is stopped', async () => {
    const before = world.clock.pending
    const { sweeper } = open(0)
    sweeper.start()
    await sweeper.stop()
    sweeper.start()
    expect(world.clock.pending).toBe(before)
  })

  it('is stopped once the batch under way has ended, and begins no other', async () => {
    await expired(5)
    const process = world.start({ sweepBatch: 2 })
    const release = process.ledger.chaos.hold(['sweep'])
    const sweeping = process.engine.sweep()
    let isClosed = false
    const closing = process.engine.close().then(() => (isClosed = true))
    await settled()
    expect(isClosed).toBe(false)
    release()
    await closing
    expect(await sweeping).toMatchObject({ removed: 2 })
  })
})
