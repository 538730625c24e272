import { beforeEach, describe, expect, it } from '@jest/globals'
import { UnknownKeyError } from '../../../src/core/errors.js'
import type { LoadedSession } from '../../../src/engine/loaded-session.js'
import { fillCache } from '../../../src/testing/cache-contract/cache-check.js'
import { World, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('a read of what is damaged', () => {
  it('is answered by the ledger where only the cache’s copy is, and makes the cache forget it', async () => {
    const session = (await world.startWithoutCache().begin({ visits: 3 })).loaded
    await damageCache(session, 'no JSON')

    expect(await here.engine.read(session.id)).toMatchObject({
      content: { visits: 3 },
      tier: 'memory',
    })
    expect(here.heard('corrupt-record')).toEqual([
      { id: session.id, tier: 'in-process', problem: 'The text can not be parsed' },
    ])
    expect(await here.engine.read(session.id)).toMatchObject({ tier: 'memory' })
    expect(await world.cached(session.id)).toEqual({ visits: 3 })
  })

  it('is answered by the ledger where the cache’s copy can not be decrypted', async () => {
    const encryption = { keys: { a: 'kelp holds where thirty waves have gone' }, current: 'a' }
    const sealing = world.start({ encryption })
    const { id, loaded } = await sealing.begin({ visits: 1 })
    await damageCache({ ...loaded, version: 2 }, '{"planted":true}')

    expect(await sealing.engine.read(id)).toMatchObject({ content: { visits: 1 }, tier: 'memory' })
    expect(sealing.heard('corrupt-record')).toMatchObject([{ id, tier: 'in-process' }])
  })

  it('finds no session where the ledger’s copy is, and tells so', async () => {
    const { id } = await world.startWithoutCache().begin()
    const stored = world.storage.sessions.get(id)!
    world.storage.sessions.set(id, { ...stored, data: '[]' })

    expect(await here.read(id)).toBeUndefined()
    expect(here.heard('corrupt-record')).toEqual([
      { id, tier: 'memory', problem: 'The text holds no object' },
    ])
  })

  it('fails where the key is not there: that is never "no session"', async () => {
    const keys = {
      a: 'kelp holds where thirty waves have gone',
      b: 'and salt is on each stone of the shore',
    }
    const { id } = await world.start({ encryption: { keys, current: 'a' } }).begin()
    const there = world.start({ encryption: { keys: { b: `${keys.b}.` }, current: 'b' } })

    await expect(there.read(id)).rejects.toThrow(UnknownKeyError)
  })

  async function damageCache(session: LoadedSession, data: string): Promise<void> {
    const { id, version, expiresAt } = session
    const record = { id, version, data, expiresAt, writeId: 'w', absoluteExpiresAt: undefined }
    await fillCache(world.sharedCache, record)
    await world.sharedCache.put(record, 'update')
  }
})
