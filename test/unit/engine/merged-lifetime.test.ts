import { beforeEach, describe, expect, it } from '@jest/globals'
import type { SessionContent } from '../../../src/core/merge.js'
import { HOUR, MINUTE, SECOND, World, type Held, type Process } from '../../support/engine.js'

let world: World
let here: Process
let there: Process

beforeEach(() => {
  world = new World()
  here = world.start()
  there = world.start()
})

describe('two requests that change one session, and its lifetime', () => {
  it('end it when the one says that shortened it', async () => {
    const mine = await forkLasting(HOUR, { theirs: { b: 1 } })
    await mine.save(lasting(300, { a: 1 }), 300)

    expect(await lifetimeLeft(mine)).toBe(300)
    expect(await world.held(mine.id)).toMatchObject({ b: 1, cookie: { originalMaxAge: 300 } })
  })

  it('end it at once where one gives it no time at all', async () => {
    const mine = await forkLasting(HOUR, { theirs: { b: 1 } })
    await mine.save(lasting(0, { a: 1 }), 0)

    expect(await world.held(mine.id)).toBe('absent')
    expect(await here.read(mine.id)).toBeUndefined()
  })

  it('end it when the other says, who shortened it, where I only changed a key', async () => {
    const mine = await forkLasting(HOUR, { theirs: {}, theirLifetime: MINUTE })
    await mine.save(lasting(HOUR, { a: 2 }), HOUR)
    expect(await lifetimeLeft(mine)).toBe(MINUTE)

    await mine.save(lasting(HOUR, { a: 3 }), HOUR)
    expect(await lifetimeLeft(mine)).toBe(MINUTE)
    expect(await world.held(mine.id)).toMatchObject({ a: 3, cookie: { originalMaxAge: MINUTE } })
  })

  it('end it when the one says that lengthened it, whoever saves last', async () => {
    const mine = await forkLasting(MINUTE, { theirs: { b: 1 }, theirLifetime: HOUR })
    await mine.save(lasting(MINUTE, { a: 1 }), MINUTE)

    expect(await lifetimeLeft(mine)).toBe(HOUR)
  })

  it('keep the later of two expiries where neither changed it', async () => {
    const mine = await forkLasting(HOUR, { theirs: { b: 1 } })
    await mine.save(lasting(HOUR - 3, { a: 1 }), HOUR - 10 * SECOND)
    expect(await lifetimeLeft(mine)).toBe(HOUR)

    await mine.save(lasting(HOUR - 3, { a: 2 }), HOUR + 10 * SECOND)
    expect(await lifetimeLeft(mine)).toBe(HOUR + 10 * SECOND)
  })

  it('end it when a later save of the one says, who shortens it after the merge', async () => {
    const mine = await forkLasting(HOUR, { theirs: { b: 1 } })
    await mine.save(lasting(HOUR, { a: 1 }), HOUR)
    await mine.save(lasting(300, { a: 1 }), 300)

    expect(await lifetimeLeft(mine)).toBe(300)
    expect(await world.held(mine.id)).toMatchObject({ b: 1, cookie: { originalMaxAge: 300 } })
  })

  /** Content with a cookie of this lifetime, ms. */
  function lasting(originalMaxAge: number, content: SessionContent): SessionContent {
    const expires = new Date(world.clock.now() + originalMaxAge).toISOString()
    return { cookie: { originalMaxAge, expires, path: '/' }, ...content }
  }

  /** Two requests have loaded one session whose cookie has a lifetime (ms); the second has saved. */
  async function forkLasting(
    lifetime: number,
    { theirs, theirLifetime = lifetime }: { theirs: SessionContent; theirLifetime?: number },
  ): Promise<Held> {
    const { id } = await here.begin(lasting(lifetime, {}), lifetime)
    const mine = await here.load(id)
    await (await there.load(id)).save(lasting(theirLifetime, theirs), theirLifetime)
    return mine
  }

  /** How long the ledger lets a session live from now on, ms. */
  async function lifetimeLeft({ id }: Held): Promise<number> {
    const held = (await world.truth.read([id])).get(id)
    return held?.kind === 'live' ? held.record.expiresAt - world.clock.now() : 0
  }
})
