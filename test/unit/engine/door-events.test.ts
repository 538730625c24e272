import { expect, it } from '@jest/globals'
import { HOUR, World } from '../../support/engine.js'

const theft = { id: 'public', userId: 'ada', generation: 1, newest: 3 }

it('tells listeners of the engine what a door has seen', () => {
  const { engine } = new World().start()
  const heard: unknown[] = []
  engine.on('token.theft', (event) => heard.push(event))
  engine.emit('token.theft', theft)

  expect(heard).toEqual([theft])
})

it('gives doors the time of the ledger, which all processes share', async () => {
  const world = new World()
  const { engine } = world.start()
  const before = engine.now()
  await world.clock.advance(HOUR)

  expect(before).toBe(world.truth.now() - HOUR)
  expect(engine.now()).toBe(world.truth.now())
})
