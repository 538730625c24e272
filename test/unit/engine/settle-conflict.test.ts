import { beforeEach, describe, expect, it } from '@jest/globals'
import { ConflictError } from '../../../src/core/errors.js'
import type { SessionContent } from '../../../src/core/merge.js'
import type { SessionOptions } from '../../../src/core/session-options.js'
import { HOUR, Held, MINUTE, World, type Process } from '../../support/engine.js'

let world: World
let here: Process
let there: Process

beforeEach(() => {
  world = new World()
  here = world.start()
  there = world.start()
})

/** Two requests have loaded one session; the second has saved. */
async function fork(
  base: SessionContent,
  theirs: SessionContent,
  options: SessionOptions = {},
): Promise<{ mine: Held; process: Process }> {
  const process = world.start(options)
  const { id } = await here.begin(base)
  const mine = await process.load(id)
  await (await there.load(id)).save(theirs)
  return { mine, process }
}

describe('a write with an `onConflict` of its own', () => {
  it('is refused where somebody has written since, whatever the engine does else', async () => {
    const { mine, process } = await fork({ a: 1 }, { a: 1, b: 2 })
    const write = {
      content: { a: 2 },
      ttl: HOUR,
      cursor: mine.cursor,
      onConflict: 'reject',
    } as const
    const writing = process.engine.write(mine.id, write)

    await expect(writing).rejects.toBeInstanceOf(ConflictError)
    expect(await world.held(mine.id)).toEqual({ a: 1, b: 2 })
  })

  it('is merged where the engine would refuse it', async () => {
    const { mine, process } = await fork({ a: 1 }, { a: 1, b: 2 }, { onConflict: 'reject' })
    const write = {
      content: { a: 2 },
      ttl: HOUR,
      cursor: mine.cursor,
      onConflict: 'merge',
    } as const

    expect(await process.engine.write(mine.id, write)).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 2, b: 2 })
  })
})

describe('two requests that change one session', () => {
  it('both keep what they changed, in different keys', async () => {
    const { mine, process } = await fork({ a: 1, b: 1 }, { a: 1, b: 2 })

    expect(await mine.save({ a: 2, b: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 2, b: 2 })
    expect(await world.cached(mine.id)).toEqual({ a: 2, b: 2 })
    expect(process.heard('conflict')).toEqual([])
  })

  it('are an event in the same key, where the last one stands', async () => {
    const { mine, process } = await fork({ a: 1 }, { a: 2 })
    await mine.save({ a: 3 })

    expect(await world.held(mine.id)).toEqual({ a: 3 })
    expect(process.heard('conflict')).toEqual([{ id: mine.id, keys: ['a'], dropped: false }])
    expect((await process.engine.stats()).counts.conflicts).toBe(1)
  })

  it('are one where somebody logs in meanwhile: the other gives way as a whole', async () => {
    const { mine, process } = await fork({ cart: 1 }, { cart: 1, userId: 'ada' })

    expect(await mine.save({ cart: 2 })).toBe('dropped')
    expect(await world.held(mine.id)).toEqual({ cart: 1, userId: 'ada' })
    expect(process.heard('conflict')).toEqual([{ id: mine.id, keys: [], dropped: true }])
  })

  it('keep the later of two expiries', async () => {
    const { mine } = await fork({ a: 1 }, { a: 2 })
    await mine.save({ a: 1, b: 1 }, MINUTE)
    await world.clock.advance(HOUR - 1)

    expect(await here.read(mine.id)).toEqual({ a: 2, b: 1 })
  })

  it('begin it both, and keep both', async () => {
    const first = await here.begin({ a: 1 })
    await new Held(there.engine, first.id, { base: 'new' }).save({ b: 1 })

    expect(await world.held(first.id)).toEqual({ a: 1, b: 1 })
  })

  it('replace what is damaged', async () => {
    const { mine } = await fork({ a: 1 }, { a: 2 })
    const stored = world.storage.sessions.get(mine.id)!
    world.storage.sessions.set(mine.id, { ...stored, data: 'no JSON' })

    expect(await mine.save({ b: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ b: 1 })
  })
})

describe('a merge', () => {
  it('rejects what a serializer wrote and can not read back, and stores nothing of it', async () => {
    const parse = (text: string): unknown => {
      if (text.includes('mine')) throw new TypeError('Not mine')
      return JSON.parse(text)
    }
    const serializer = { stringify: JSON.stringify, parse }
    const { mine } = await fork({ a: 1 }, { a: 2 }, { serializer })

    await expect(mine.save({ mine: 1 })).rejects.toMatchObject({
      code: 'ERR_SERIALIZATION',
      cause: { cause: expect.any(TypeError) as unknown },
    })
    expect(await world.held(mine.id)).toEqual({ a: 2 })
  })
})

describe('a save after a merge', () => {
  it('keeps what others had changed, though its holder never saw it', async () => {
    const { mine } = await fork({ a: 1, b: 1 }, { a: 1, b: 2, c: 1 })
    await mine.save({ a: 2, b: 1 })

    expect(await mine.save({ a: 3, b: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 3, b: 2, c: 1 })
  })

  it('keeps it through a third save, and through another conflict', async () => {
    const { mine } = await fork({ a: 1, b: 1 }, { a: 1, b: 2 })
    await mine.save({ a: 2, b: 1 })
    await mine.save({ a: 3, b: 1 })
    await (await there.load(mine.id)).save({ a: 3, b: 2, c: 1 })
    await mine.save({ a: 4, b: 1 })

    expect(await world.held(mine.id)).toEqual({ a: 4, b: 2, c: 1 })
  })

  it('keeps the later expiry that others had set', async () => {
    const { mine } = await fork({ a: 1 }, { a: 1, b: 1 })
    await mine.save({ a: 2 }, MINUTE)
    await mine.save({ a: 3 }, MINUTE)
    await world.clock.advance(HOUR - 1)

    expect(await here.read(mine.id)).toEqual({ a: 3, b: 1 })
  })

  it('changes what others had changed where its holder does', async () => {
    const { mine } = await fork({ a: 1, b: 1 }, { a: 1, b: 2 })
    await mine.save({ a: 2, b: 1 })
    await mine.save({ a: 2, b: 9 })

    expect(await world.held(mine.id)).toEqual({ a: 2, b: 9 })
  })
})

describe('onConflict', () => {
  it("'overwrite' lets the last one stand as a whole", async () => {
    const { mine } = await fork({ a: 1, b: 1 }, { a: 1, b: 2 }, { onConflict: 'overwrite' })

    expect(await mine.save({ a: 2, b: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 2, b: 1 })
  })

  it("'reject' rejects, and names the session by its public id", async () => {
    const { mine } = await fork({ a: 1 }, { a: 2 }, { onConflict: 'reject' })

    await expect(mine.save({ a: 3 })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      publicId: mine.id,
    })
    expect(await world.held(mine.id)).toEqual({ a: 2 })
  })

  it('as a function is asked with all three, and its answer is stored', async () => {
    const asked: unknown[] = []
    const onConflict = (three: { base: object; mine: object; theirs: object }): SessionContent => {
      asked.push(three)
      return { ...three.theirs, ...three.mine, isSettled: true }
    }
    const { mine } = await fork({ a: 1 }, { a: 2, b: 1 }, { onConflict })
    await mine.save({ a: 3 })

    expect(asked).toEqual([{ base: { a: 1 }, mine: { a: 3 }, theirs: { a: 2, b: 1 } }])
    expect(await world.held(mine.id)).toEqual({ a: 3, b: 1, isSettled: true })
  })

  it('as a function that takes its time is waited for', async () => {
    const onConflict = ({ mine }: { mine: SessionContent }) => Promise.resolve({ ...mine, late: 1 })
    const { mine } = await fork({ a: 1 }, { a: 2 }, { onConflict })
    await mine.save({ a: 3 })

    expect(await world.held(mine.id)).toEqual({ a: 3, late: 1 })
  })

  it('as a function that throws rejects the write', async () => {
    const onConflict = (): never => {
      throw new Error('undecided')
    }
    const { mine } = await fork({ a: 1 }, { a: 2 }, { onConflict })

    await expect(mine.save({ a: 3 })).rejects.toThrow('undecided')
  })
})

describe('a write that keeps losing', () => {
  /** The longest that all its pauses together may take, ms. */
  const PAUSES = 50 * (1 + 3 + 5 + 7 + 9 + 11 + 13)

  /** Before each of my commits, somebody else's is made. */
  async function race(rounds: number): Promise<{ mine: Held; process: Process }> {
    const process = world.start()
    const { id } = await here.begin({ mine: 0, theirs: 0 })
    const mine = await process.load(id)
    const theirs = await there.load(id)
    const commit = process.ledger.commit.bind(process.ledger)
    let round = 0
    process.ledger.commit = async (changes) => {
      if (round++ < rounds) await theirs.save({ mine: 0, theirs: round })
      return commit(changes)
    }
    return { mine, process }
  }

  it('takes at the fifth attempt', async () => {
    const { mine } = await race(4)

    expect(await mine.save({ mine: 1, theirs: 0 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ mine: 1, theirs: 4 })
  })

  it('lets others go first from the seventh attempt on, and takes at the twentieth', async () => {
    const { mine } = await race(19)
    const saving = mine.save({ mine: 1, theirs: 0 })
    await world.clock.advance(PAUSES)

    expect(await saving).toBe('written')
    expect(await world.held(mine.id)).toEqual({ mine: 1, theirs: 19 })
  })

  it('tries twice after each pause: what it knew before that is old', async () => {
    const { mine, process } = await race(20)
    const attempts: number[] = []
    const schedule = world.clock.schedule.bind(world.clock)
    world.clock.schedule = (task, delay) => {
      // Of all that is scheduled, only these pauses are random.
      if (!Number.isInteger(delay)) attempts.push(process.ledger.chaos.calls(['commit']))
      return schedule(task, delay)
    }
    const saving = expect(mine.save({ mine: 1, theirs: 0 })).rejects.toThrow(ConflictError)
    await world.clock.advance(PAUSES)

    await saving
    expect(attempts).toEqual([6, 8, 10, 12, 14, 16, 18])
  })

  it('gives up after twenty', async () => {
    const { mine, process } = await race(20)
    const saving = expect(mine.save({ mine: 1, theirs: 0 })).rejects.toThrow(ConflictError)
    await world.clock.advance(PAUSES)

    await saving
    expect(process.ledger.chaos.calls(['commit'])).toBe(20)
  })
})
