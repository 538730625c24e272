import { beforeEach, describe, expect, it } from '@jest/globals'
import { SECOND, World, settled, type Held, type Process } from '../../support/engine.js'
import { REDIS_TIMEOUT, readEach } from '../../support/stalls.js'

let world: World
let here: Process
let there: Process
let ended: Held
let changed: Held
let other: Held

beforeEach(async () => {
  world = new World()
  here = world.start()
  there = world.start()
  ended = await here.begin({ n: 'to be ended' })
  changed = await here.begin({ n: 'old' })
  other = await here.begin({ n: 'other' })
})

const processes = (): readonly Process[] => [here, there]
const refused = ['LedgerUnavailableError', 'LedgerUnavailableError']

/** The next read of the cache is not answered, and fails when that is called. */
function holdRead(): () => void {
  const { sharedCache } = world
  const read = sharedCache.read.bind(sharedCache)
  let fail = (): void => {}
  sharedCache.read = () =>
    new Promise((_, reject) => {
      fail = () => reject(new Error('Connection is closed'))
    })
  return () => {
    sharedCache.read = read
    fail()
  }
}

describe('a cache that was out of reach for ten seconds, too seldom asked for its breaker to open', () => {
  it.each([1, 4])(
    'is not believed while the ledger is away, where its reply to the first of %d comes late',
    async (times) => {
      const reply = here.cache.chaos.hold()
      there.cache.chaos.fail()
      await ask(times)
      await changeAndLoseLedger()
      for (const { cache } of processes()) cache.chaos.heal()
      reply()
      await settled()

      expect(await readBoth()).toEqual(refused)
      await world.clock.advance(60 * SECOND)
      expect(await readBoth()).toEqual(refused)
    },
  )

  it('is not believed while the ledger is away, where the call fails at last', async () => {
    const { sharedCache } = world
    const failLate = holdRead()
    there.cache.chaos.fail()
    await ask(1)
    await changeAndLoseLedger()
    failLate()
    await settled()

    expect(await readBoth()).toEqual(refused)
    expect(await sharedCache.read(ended.id)).toMatchObject({ kind: 'live' })
  })

  it('is not believed while the ledger is away, where it answered none of two calls', async () => {
    there.cache.chaos.fail()
    const failFirst = holdRead()
    await ask(1)
    failFirst()
    await world.clock.advance(9 * SECOND)
    await change()
    const failLate = holdRead()
    await ask(1)
    for (const { ledger } of processes()) ledger.chaos.fail()
    await world.clock.advance(SECOND / 2)
    failLate()
    await settled()

    expect(await readBoth()).toEqual(refused)
  })

  it('is told what it has missed, and believed, where the ledger is there', async () => {
    const reply = here.cache.chaos.hold()
    there.cache.chaos.fail()
    await ask(1)
    await world.clock.advance(9 * SECOND)
    await change()
    for (const { cache } of processes()) cache.chaos.heal()
    reply()
    await world.clock.advance(SECOND)
    for (const { ledger } of processes()) ledger.chaos.fail()

    expect(await readBoth()).toEqual(refused)
    expect(await here.read(other.id)).toEqual({ n: 'other' })
  })

  /** Each in vain; those after the first are not asked at all. */
  async function ask(times: number): Promise<void> {
    const reads = Array.from({ length: times }, () => here.read(other.id))
    await world.clock.advance(REDIS_TIMEOUT + 1)
    await Promise.all(reads)
  }

  /** Acknowledged, and written down in a ledger that is there for five seconds more. */
  async function changeAndLoseLedger(): Promise<void> {
    await world.clock.advance(4 * SECOND)
    await change()
    await world.clock.advance(5 * SECOND)
    for (const { ledger } of processes()) ledger.chaos.fail()
    await world.clock.advance(SECOND)
  }

  async function change(): Promise<void> {
    expect(await there.engine.remove(ended.id)).toBe(true)
    expect(await (await there.load(changed.id)).save({ n: 'new' })).toBe('written')
  }

  const readBoth = (): Promise<unknown[]> => readEach(here, [ended, changed])
})

describe('what a process changed while its cache was out of reach for more than a second', () => {
  beforeEach(async () => {
    const reply = here.cache.chaos.hold(['read'], 1)
    const late = here.read(other.id)
    await world.clock.advance(REDIS_TIMEOUT + 1)
    await late
    await world.clock.advance(SECOND + SECOND / 2)
    expect(await here.engine.remove(ended.id)).toBe(true)
    expect(await changed.save({ n: 'new' })).toBe('written')
    for (const { ledger } of processes()) ledger.chaos.fail()
    reply()
  })

  it('is told for the others as soon as the cache answers, though the ledger is away', async () => {
    await world.clock.advance(SECOND)

    expect(await readEach(there, [ended, changed])).toEqual(refused)
    expect(await there.read(other.id)).toEqual({ n: 'other' })
  })

  it('is told before the process ends', async () => {
    here.ledger.chaos.heal(['close'])
    await here.engine.close()

    expect(await readEach(there, [ended, changed])).toEqual(refused)
  })
})

describe('a cache that was late for a moment, and refuses what it is told', () => {
  it('is not trusted, where the ledger does not say what was written down', async () => {
    here.ledger.chaos.fail(['pendingRepairs'])
    await world.clock.advance(SECOND)
    here.cache.chaos.hold(['put'], 1)
    here.cache.chaos.fail(['forget'])
    const saving = changed.save({ n: 'new' })
    await world.clock.advance(REDIS_TIMEOUT + 1)
    expect(await saving).toBe('written')
    for (let n = 0; n < 5; n++) await here.read(other.id)
    await world.clock.advance(SECOND / 2)

    expect(here.heard('cache-state')).toContainEqual({ cache: 'in-process', state: 'half-open' })
    expect(here.heard('cache-state')).not.toContainEqual({ cache: 'in-process', state: 'closed' })
  })
})

describe('a cache of which one part is late for a moment while another answers', () => {
  it('is believed again after that, though the ledger is away', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, (_, n) => here.begin({ n })))
    for (const { ledger } of processes()) ledger.chaos.fail()
    const late = here.cache.chaos.hold(['read'], 1)
    const first = here.read(sessions[0]!.id).catch(() => {})
    await world.clock.advance(REDIS_TIMEOUT - 10)
    const inTime = here.cache.chaos.holdReplies(['read'], 1)
    const second = here.read(sessions[1]!.id)
    await world.clock.advance(11)
    inTime()
    expect(await second).toEqual({ n: 1 })
    await readEach(here, sessions)
    late()
    await first
    await world.clock.advance(SECOND)

    expect(await readEach(here, sessions)).toEqual(sessions.map((_, n) => ({ n })))
  })
})
