import { expect, it } from '@jest/globals'
import { atMost } from '../../../src/engine/at-most.js'

it('runs the task for each who asks, up to so many, and answers the others with the newest', async () => {
  const answers: ((answer: number) => void)[] = []
  const ask = atMost(2, () => new Promise<number>((resolve) => answers.push(resolve)))
  const asked = [ask(), ask(), ask(), ask()]
  for (const [run, answer] of answers.entries()) answer(run + 1)

  expect(await Promise.all(asked)).toEqual([1, 2, 2, 2])
})

it('runs it anew once one of them has ended, be it well or not', async () => {
  const answers = [Promise.reject(new Error('Refused')), Promise.resolve('well')]
  const ask = atMost(1, () => answers.shift() ?? Promise.reject(new Error('Asked too often')))

  const outcomes = await Promise.allSettled([ask(), ask()])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask()).toBe('well')
})
