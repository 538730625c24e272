import { beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerUnavailableError } from '../../../src/core/errors.js'
import { SECOND, World, type Process } from '../../support/engine.js'

let world: World
let here: Process

beforeEach(() => {
  world = new World()
  here = world.start()
})

describe('a revocation by the id that lists show', () => {
  it('ends a live session', async () => {
    const { id } = await here.begin()

    expect(await here.engine.revoke(id, 'stolen')).toBe(true)
    expect(here.heard('revoked')).toEqual([{ id, reason: 'stolen' }])
  })

  it('refuses the session while the ledger is out of reach, and ends it after that', async () => {
    const { id } = await here.begin()
    here.ledger.chaos.fail()

    await expect(here.engine.revoke(id)).rejects.toThrow(LedgerUnavailableError)
    expect(await world.start().read(id)).toBeUndefined()
    here.ledger.chaos.heal()
    await world.clock.advance(SECOND)
    expect(await world.held(id)).toBe('tombstone')
  })

  it('leaves nothing behind for an id that is not there', async () => {
    expect(await here.engine.revoke('no such session')).toBe(false)
    expect(world.storage.sessions.size).toBe(0)
  })

  it('ends a session that nobody can open', async () => {
    const { id } = await here.begin()
    const stored = world.storage.sessions.get(id)!
    world.storage.sessions.set(id, { ...stored, data: 'hf1.lost.AAAA' })

    expect(await here.engine.revoke(id)).toBe(true)
    expect(await world.held(id)).toBe('tombstone')
  })
})
