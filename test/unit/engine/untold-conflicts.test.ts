import { beforeEach, describe, expect, it } from '@jest/globals'
import { ConflictError, LedgerUnavailableError } from '../../../src/core/errors.js'
import type { SessionContent } from '../../../src/core/merge.js'
import type { LoadedSession } from '../../../src/engine/loaded-session.js'
import { aRevocation } from '../../../src/testing/fixtures.js'
import { HOUR, SECOND, World, settled, type Held, type Process } from '../../support/engine.js'

let world: World
let here: Process
let there: Process

beforeEach(() => {
  world = new World()
  here = world.start()
  there = world.start()
})

describe('a cache that has led a write into a conflict', () => {
  /** Commits version 2 past the cache and every process: its writer died before it told them. */
  async function commitUntold(base: LoadedSession, data = '{"a":2}'): Promise<void> {
    const { id, version: above } = base
    const change = { id, base, above, writeId: 'untold', data, ttl: HOUR, repair: false }
    const unset = { userId: undefined, device: undefined, absoluteTtl: undefined }
    await world.truth.commit([{ ...change, ...unset }])
  }

  it('is told to forget, so that the next load does not meet it again', async () => {
    const process = world.start({ onConflict: 'reject' })
    const { id } = await here.begin({ a: 1 })
    const mine = await process.load(id)
    await commitUntold(mine.loaded)
    await expect(mine.save({ a: 3 })).rejects.toThrow(ConflictError)

    expect(await (await process.load(id)).save({ a: 3 })).toBe('written')
    expect(await world.cached(id)).toEqual({ a: 3 })
  })

  it('is this process’s own memory: it forgets', async () => {
    const process = world.startNear({ onConflict: 'reject' })
    const { id } = await here.begin({ a: 1 })
    const mine = await process.load(id)
    await commitUntold(mine.loaded)
    await expect(mine.save({ a: 3 })).rejects.toThrow(ConflictError)

    expect(await process.read(id)).toEqual({ a: 2 })
  })

  it('forgets what a ledger has lost, and says no more', async () => {
    const process = world.start({ onConflict: 'reject' })
    const { id } = await here.begin({ a: 1 })
    const mine = await process.load(id)
    const first = world.storage.sessions.get(id)!
    await mine.save({ a: 2 })
    world.storage.sessions.set(id, { ...first, writeId: 'another', data: '{"a":0}' })
    await expect(mine.save({ a: 3 })).rejects.toThrow(ConflictError)

    expect(await process.read(id)).toEqual({ a: 0 })
  })

  it('is told that the session has ended', async () => {
    const { id } = await here.begin({ a: 1 })
    const mine = await there.load(id)
    await world.truth.revoke([aRevocation({ id })])

    expect(await mine.save({ a: 2 })).toBe('gone')
    expect(await world.cached(id)).toBe('tombstone')
  })

  it('is told where what the write made gives way', async () => {
    const { id } = await here.begin({ a: 1 })
    const mine = await there.load(id)
    await commitUntold(mine.loaded, '{"a":1,"userId":"ada"}')

    expect(await mine.save({ a: 3 })).toBe('dropped')
    expect(await there.read(id)).toEqual({ a: 1, userId: 'ada' })
  })

  it('is told to forget where what was merged with it waits in vain to be sent', async () => {
    const mine = await here.begin({ a: 1 })
    await commitUntold(mine.loaded)
    await saveInVain(mine, { a: 1, b: 1 })

    expect(await here.read(mine.id)).toEqual({ a: 2 })
  })

  it('is told to forget what a ledger has lost, where that waits in vain', async () => {
    const mine = await here.begin({ a: 1 })
    const row = { ...world.storage.sessions.get(mine.id)! }
    await mine.save({ a: 2 })
    await mine.save({ a: 3 })
    world.storage.sessions.set(mine.id, row)
    await saveInVain(mine, { a: 3, b: 1 })

    expect(await world.cached(mine.id)).toBe('absent')
  })

  /** The first attempt meets a conflict, and the next one is never sent: others are in both lanes. */
  async function saveInVain(mine: Held, content: SessionContent): Promise<void> {
    const others = [await here.begin(), await here.begin()]
    const reply = here.ledger.chaos.holdReplies(['commit'], 1)
    const saving = expect(mine.save(content)).rejects.toThrow(LedgerUnavailableError)
    await settled()
    here.ledger.chaos.hold(['commit'])
    for (const other of others) {
      other.save({ visits: 2 }).catch(() => {})
      await settled()
      reply()
    }
    await world.clock.advance(12 * SECOND)
    await saving
  }

  it('keeps no write waiting beyond its deadline', async () => {
    const process = world.start({ onConflict: 'reject' })
    const { id } = await here.begin({ a: 1 })
    const mine = await process.load(id)
    await commitUntold(mine.loaded)
    process.cache.chaos.hold(['forget'])
    const rejected = expect(mine.save({ a: 3 })).rejects.toThrow(ConflictError)
    await settled()
    await world.clock.advance(50)

    await rejected
  })
})
