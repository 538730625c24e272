import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import { SECOND, World, settled, type Held, type Process } from '../../support/engine.js'
import { REDIS_TIMEOUT, readEach, stallFor } from '../../support/stalls.js'

let world: World
let process: Process
let sessions: readonly Held[]

beforeEach(async () => {
  world = new World()
  process = world.start()
  sessions = await Promise.all(Array.from({ length: 8 }, (_, n) => process.begin({ n })))
  await readAll()
})

const readAll = (): Promise<unknown[]> => readEach(process, sessions)
const stall = (ms: number): Promise<void> => stallFor(ms, { world, process, sessions })

const all = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({ n }))
const refused = all.map(() => 'LedgerUnavailableError')

describe('while the ledger is out of reach, a cache', () => {
  it('is trusted again after a moment in which its replies were late', async () => {
    process.ledger.chaos.fail()
    await stall(55)
    expect(await readAll()).toEqual(refused)
    await world.clock.advance(SECOND)

    expect(await readAll()).toEqual(all)
  })

  it('is trusted again as soon where the ledger has not answered for long', async () => {
    process.ledger.chaos.fail()
    process.ledger.chaos.hold(['pendingRepairs'])
    await world.clock.advance(7 * SECOND)
    await stall(55)
    await world.clock.advance(SECOND)

    expect(await readAll()).toEqual(all)
  })

  it('is trusted again after such a moment, long after another one', async () => {
    const release = process.cache.chaos.hold(['read'], 1)
    const late = process.read(sessions[0]!.id)
    await world.clock.advance(REDIS_TIMEOUT + 1)
    release()
    await late
    await world.clock.advance(20 * SECOND)
    process.ledger.chaos.fail()
    await stall(55)
    await world.clock.advance(SECOND)

    expect(await readAll()).toEqual(all)
  })

  it('answers all at once when it is trusted again: nobody else would', async () => {
    process.ledger.chaos.fail()
    await stall(55)
    await world.clock.advance(SECOND)

    const answers = await Promise.all(sessions.map(({ id }) => process.read(id)))

    expect(answers).toEqual(all)
  })

  it('is left alone after it was late for longer', async () => {
    process.ledger.chaos.fail()
    const release = process.cache.chaos.hold(['ping'])
    await stall(3 * SECOND)
    release()
    await world.clock.advance(10 * SECOND)

    expect(await readAll()).toEqual(refused)
  })

  it('is left alone after it failed otherwise', async () => {
    process.ledger.chaos.fail()
    process.cache.chaos.fail()
    await readAll()
    process.cache.chaos.heal()
    await world.clock.advance(10 * SECOND)

    expect(await readAll()).toEqual(refused)
  })

  it('is told of a write that it could not be told of before, and then trusted again', async () => {
    const release = process.cache.chaos.hold(['put'], 1)
    const saving = sessions[0]!.save({ n: 'new' })
    await settled()
    await world.clock.advance(REDIS_TIMEOUT + 1)
    process.ledger.chaos.fail()
    await readAll()
    release()
    await saving
    await world.clock.advance(10 * SECOND)

    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
  })

  it('is not believed of a write that it could not be told of while it was asked whether all is well', async () => {
    const release = process.ledger.chaos.hold(['pendingRepairs'])
    await stall(55)
    await world.clock.advance(SECOND)
    await sessions[0]!.save({ n: 'new' })
    process.ledger.chaos.fail()
    await world.clock.advance(5 * SECOND)
    release()

    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
  })

  it('is trusted again once what could not be told was applied', async () => {
    process.cache.chaos.fail()
    await sessions[0]!.save({ n: 'new' })
    await readAll()
    process.cache.chaos.heal()
    await world.clock.advance(4 * SECOND)
    process.ledger.chaos.fail()
    await stall(55)
    await world.clock.advance(SECOND)

    expect((await readAll()).slice(1)).toEqual(all.slice(1))
  })

  it('is not believed of what it was not told, be it reachable all the time', async () => {
    await leaveUntold()
    process.ledger.chaos.fail()

    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
  })

  it('is told of that within a second, for the other processes', async () => {
    const other = world.start()
    await leaveUntold()
    process.ledger.chaos.fail()
    other.ledger.chaos.fail()
    expect(await other.read(sessions[0]!.id)).toEqual({ n: 0 })
    await world.clock.advance(SECOND)

    await expect(other.read(sessions[0]!.id)).rejects.toThrow(LedgerUnavailableError)
    expect(await other.read(sessions[1]!.id)).toEqual({ n: 1 })
  })

  it('is not believed of a session that was ended while its replies were late', async () => {
    const release = process.cache.chaos.hold(['read'], 1)
    const late = process.read(sessions[1]!.id)
    await world.clock.advance(REDIS_TIMEOUT + 1)
    await late
    const commit = process.ledger.chaos.hold(['revoke'], 1)
    const removing = process.engine.remove(sessions[0]!.id)
    await settled()
    process.cache.chaos.fail(['bury'])
    release()
    await settled()
    commit()
    expect(await removing).toBe(true)
    process.ledger.chaos.fail()

    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
  })

  it('is trusted on, where it was late to be told of that', async () => {
    await leaveUntold()
    process.ledger.chaos.fail()
    const release = process.cache.chaos.hold(['forget'], 1)
    await world.clock.advance(SECOND + REDIS_TIMEOUT + 1)
    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
    release()
    await world.clock.advance(10 * SECOND)

    expect(await readAll()).toEqual([refused[0], ...all.slice(1)])
    expect((await process.engine.health()).queues['untold']).toBe(0)
  })

  it('is told within a second, however long the ledger is silent', async () => {
    process.ledger.chaos.hold(['pendingRepairs'])
    await world.clock.advance(SECOND)
    await leaveUntold()
    await world.clock.advance(SECOND)

    expect((await process.engine.health()).queues['untold']).toBe(0)
  })

  it('is told before the process ends', async () => {
    await leaveUntold()
    process.ledger.chaos.fail(['read', 'commit', 'pendingRepairs'])
    await process.engine.close()

    expect(await world.cached(sessions[0]!.id)).toBe('absent')
  })

  it('is not believed of what it was not told while it was told of an earlier change', async () => {
    const other = world.start()
    await leaveUntold()
    const reply = process.cache.chaos.holdReplies(['forget'], 1)
    await world.clock.advance(SECOND)
    await other.read(sessions[0]!.id)
    process.cache.chaos.fail(['put', 'forget'], 2)
    await sessions[0]!.save({ n: 'newer' })
    process.cache.chaos.heal()
    process.ledger.chaos.fail()
    reply()
    await settled()

    expect((await readAll())[0]).toBe(refused[0])
  })

  /** One write is not told, and a read is answered after it. */
  async function leaveUntold(): Promise<void> {
    process.cache.chaos.fail(['put', 'forget'], 2)
    await sessions[0]!.save({ n: 'new' })
    process.cache.chaos.heal()
    await process.read(sessions[1]!.id)
  }
})
