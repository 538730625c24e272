import { beforeEach, describe, expect, it } from '@jest/globals'
import { Held, MINUTE, SECOND, World, type Process } from '../../support/engine.js'

let world: World
let withRedis: Process
let session: Held

beforeEach(async () => {
  world = new World()
  withRedis = world.start()
  session = await withRedis.begin({ n: 1 })
})

describe('a process without Redis, beside others that have it', () => {
  let without: Process

  beforeEach(() => {
    without = world.startWithoutCache({ redisElsewhere: true })
  })

  it('has them told of what it writes', async () => {
    await (await without.load(session.id)).save({ n: 2 })
    await world.clock.advance(SECOND)

    expect(await withRedis.read(session.id)).toEqual({ n: 2 })
  })

  it('has them told of what it writes over a session that it took for new', async () => {
    await new Held(without.engine, session.id, { base: 'new' }).save({ n: 2 })
    await world.clock.advance(SECOND)

    expect(await withRedis.read(session.id)).toEqual({ n: 2 })
  })

  it('has them told of what it ends', async () => {
    expect(await without.engine.remove(session.id)).toBe(true)
    await world.clock.advance(SECOND)

    expect(await withRedis.read(session.id)).toBeUndefined()
  })
})

describe('a process without Redis that was not told of others', () => {
  beforeEach(async () => {
    await (await world.startWithoutCache().load(session.id)).save({ n: 2 })
  })

  it('leaves them with what was there before for a minute, and no longer', async () => {
    await world.clock.advance(MINUTE - SECOND)
    expect(await withRedis.read(session.id)).toEqual({ n: 1 })
    await world.clock.advance(SECOND + 1)

    expect(await withRedis.read(session.id)).toEqual({ n: 2 })
  })
})

it('a process without Redis, where nobody has it, notes nothing that nobody would take away', async () => {
  const alone = world.startWithoutCache()
  await (await alone.load(session.id)).save({ n: 2 })
  await alone.engine.remove(session.id)

  expect(await world.truth.pendingRepairs(10)).toEqual([])
})
