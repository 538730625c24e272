import { beforeEach, describe, expect, it } from '@jest/globals'
import { HOUR, MINUTE, SECOND, World, type Held, type Process } from '../../support/engine.js'

let world: World
let here: Process
let session: Held

beforeEach(async () => {
  world = new World()
  here = world.start()
  session = await here.begin({ visits: 1 }, HOUR)
  await world.clock.advance(10 * MINUTE)
})

async function lastSeenAt(): Promise<number> {
  const [summary] = await here.engine.list()
  return summary!.lastSeenAt
}

describe('a session that was seen', () => {
  it('is listed as in use, within a second', async () => {
    here.engine.see(session.loaded)
    await world.clock.advance(SECOND)

    expect(await lastSeenAt()).toBe(world.clock.now())
  })

  it('ends no later for it', async () => {
    here.engine.see(session.loaded)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(50 * MINUTE - SECOND)
  })

  it('is moved by a touch that comes after it, all the same', async () => {
    here.engine.see(session.loaded)
    session.touch(HOUR)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - SECOND)
  })

  it('keeps a touch that came before it', async () => {
    session.touch(HOUR)
    here.engine.see(session.loaded)
    await world.clock.advance(SECOND)

    expect(world.ttlOf(session)).toBe(HOUR - SECOND)
  })

  it('stays ended where it was ended meanwhile', async () => {
    here.engine.see(session.loaded)
    await world.start().engine.remove(session.id)
    await world.clock.advance(SECOND)

    expect(await world.held(session.id)).toBe('tombstone')
  })

  it('is left alone in its last second', async () => {
    const seenAt = await lastSeenAt()
    await world.clock.advance(50 * MINUTE - SECOND / 2)
    here.engine.see(session.loaded)
    await here.engine.close()

    expect(world.storage.sessions.get(session.id)?.updatedAt).toBe(seenAt)
  })
})
