import { beforeEach, describe, expect, it } from '@jest/globals'
import { ConflictError, LedgerUnavailableError } from '../../../src/core/errors.js'
import type { SessionContent } from '../../../src/core/merge.js'
import type { SessionId } from '../../../src/core/session-id.js'
import type { SessionOptions } from '../../../src/core/session-options.js'
import { HOUR, Held, SECOND, World, type Process, settled } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

/** A request has loaded a session whose last commits, from `kept` on, a failover then loses. */
async function loadedBeforeFailover(
  [first, ...later]: readonly SessionContent[],
  { kept = 1, options = {} }: { kept?: number; options?: SessionOptions } = {},
): Promise<{ mine: Held; process: Process }> {
  const process = world.start(options)
  const holder = await here.begin(first)
  const { id } = holder
  const past = [world.storage.sessions.get(id)!]
  for (const content of later) {
    await holder.save(content)
    past.push(world.storage.sessions.get(id)!)
  }
  const mine = await process.load(id)
  world.storage.sessions.set(id, past[kept - 1]!)
  return { mine, process }
}

/** Another process, which Redis has told nothing, commits a version that was minted before. */
async function commitAnother(id: SessionId, content: SessionContent): Promise<void> {
  await (await world.startWithoutCache().load(id)).save(content)
}

describe('a write upon a commit that the ledger has lost', () => {
  it('keeps what another commit of the same version has changed', async () => {
    const { mine } = await loadedBeforeFailover([{ a: 1 }, { a: 2 }])
    await commitAnother(mine.id, { a: 1, theirs: 1 })
    expect(await world.versions(mine.id)).toEqual([2, 2])

    expect(await mine.save({ a: 2, mine: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 1, theirs: 1, mine: 1 })
  })

  it('keeps what a commit of a lower version has changed', async () => {
    const { mine } = await loadedBeforeFailover([{ a: 1 }, { a: 2 }, { a: 3 }])
    await commitAnother(mine.id, { a: 1, theirs: 1 })

    expect(await mine.save({ a: 3, mine: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ a: 1, theirs: 1, mine: 1 })
  })

  it('mints no version again that its holder has seen', async () => {
    const { mine } = await loadedBeforeFailover([{}, { a: 2 }, { a: 3 }, { a: 4 }])
    await mine.save({ a: 4, mine: 1 })

    expect(await world.versions(mine.id)).toEqual([5, 5])
    expect(await world.cached(mine.id)).toEqual({ mine: 1 })
  })

  it('moves its holder on: the next save meets no conflict', async () => {
    const { mine, process } = await loadedBeforeFailover([{}, { a: 2 }])
    await mine.save({ a: 2, mine: 1 })
    await mine.save({ a: 2, mine: 2 })

    expect(await world.held(mine.id)).toEqual({ mine: 2 })
    expect((await process.engine.stats()).counts.conflicts).toBe(1)
  })

  it('gives way where that was a login: the session is nobody’s again', async () => {
    const { mine, process } = await loadedBeforeFailover([{}, { userId: 'ada' }])

    expect(await mine.save({ userId: 'ada', mine: 1 })).toBe('dropped')
    expect(await world.held(mine.id)).toEqual({})
    expect(process.heard('conflict')).toEqual([{ id: mine.id, keys: [], dropped: true }])
  })

  it("stands as a whole by 'overwrite', above what was seen", async () => {
    const options = { onConflict: 'overwrite' } as const
    const { mine } = await loadedBeforeFailover([{ a: 1 }, { a: 2 }, { a: 3 }], { options })

    expect(await mine.save({ mine: 1 })).toBe('written')
    expect(await world.held(mine.id)).toEqual({ mine: 1 })
    expect(await world.versions(mine.id)).toEqual([4, 4])
  })

  it("rejects by 'reject'", async () => {
    const options = { onConflict: 'reject' } as const
    const { mine } = await loadedBeforeFailover([{ a: 1 }, { a: 2 }], { options })

    await expect(mine.save({ a: 3 })).rejects.toThrow(ConflictError)
  })

  it('is noted with the version that it may have been given, where its reply is lost', async () => {
    const { mine, process } = await loadedBeforeFailover([{}, { a: 2 }, { a: 3 }])
    const commit = process.ledger.commit.bind(process.ledger)
    process.ledger.commit = (changes) => {
      if (changes[0]!.base!.version === 1) process.ledger.chaos.loseReplies(['commit'], 1)
      return commit(changes)
    }

    await expect(mine.save({ a: 3, mine: 1 })).rejects.toThrow(LedgerUnavailableError)
    await settled()
    expect(await world.truth.pendingRepairs(10)).toMatchObject([{ id: mine.id, version: 4 }])
  })
})

describe('a write of a caller from outside', () => {
  it('begins a session above the one that it met, where that has gone meanwhile', async () => {
    const process = world.startWithoutCache()
    const { id } = await process.begin({ a: 1 })
    const commit = process.ledger.commit.bind(process.ledger)
    process.ledger.commit = (changes) => {
      if (changes[0]!.base) world.storage.sessions.delete(id)
      return commit(changes)
    }

    expect(await new Held(process.engine, id, { base: 'any' }).save({ a: 2 })).toBe('written')
    expect(await world.held(id)).toEqual({ a: 2 })
    expect((await process.engine.read(id))?.version).toBe(2)
  })
})

describe('what Redis holds of commits that the ledger has lost', () => {
  let id: SessionId
  let cutOff: Process

  beforeEach(async () => {
    const { mine, process } = await loadedBeforeFailover([{ a: 1 }, { a: 2 }, { a: 3 }])
    id = mine.id
    cutOff = process
    expect(await world.cached(id)).toEqual({ a: 3 })
    cutOff.cache.chaos.fail()
  })

  it('ends with a destroy by who can not reach Redis', async () => {
    await cutOff.engine.remove(id)
    await world.clock.advance(2 * SECOND)

    expect(await here.read(id)).toBeUndefined()
  })

  it('ends with a write by who can not reach Redis', async () => {
    await (await cutOff.load(id)).save({ a: 1, mine: 1 })
    await world.clock.advance(2 * SECOND)

    expect(await here.read(id)).toEqual({ a: 1, mine: 1 })
  })

  it('ends with a new session of its id by who can not reach Redis', async () => {
    world.storage.sessions.delete(id)
    for (let time = 0; time < 5; time++) await cutOff.read(id)
    const write = { content: { fresh: true }, ttl: HOUR }
    await cutOff.engine.write(id, { ...write, cursor: { base: 'any' } })
    await world.clock.advance(2 * SECOND)

    expect(await here.read(id)).toEqual({ fresh: true })
  })

  it('ends with a new session of its id', async () => {
    world.storage.sessions.delete(id)
    const write = { content: { fresh: true }, ttl: HOUR }
    await here.engine.write(id, { ...write, cursor: { base: 'any' } })

    expect(await here.read(id)).toEqual({ fresh: true })
  })
})
