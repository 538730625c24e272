import { expect, it } from '@jest/globals'
import { oneAtATime } from '../../../src/engine/one-at-a-time.js'

it('answers all that ask while the task is under way, and runs it anew for the next', async () => {
  let runs = 0
  const ask = oneAtATime(() => Promise.resolve((runs += 1)))

  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
  expect(await ask()).toBe(2)
})

it('rejects all that ask while the task fails, and tries again for the next', async () => {
  const answers = [Promise.reject(new Error('Refused')), Promise.resolve('well')]
  const ask = oneAtATime(() => answers.shift() ?? Promise.reject(new Error('Asked too often')))

  const outcomes = await Promise.allSettled([ask(), ask()])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask()).toBe('well')
})
