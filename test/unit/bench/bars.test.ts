import { expect, it } from '@jest/globals'
import { barsOf } from '../../../bench/report/bars.js'
import { aCase } from '../../support/bench-results.js'

const [ours, peers] = ['Holdfast', 'connect-redis'].map((contestant) => ({ contestant }))

it('compares throughput where two contestants have it', () => {
  const figures = [
    { ...ours!, perSecond: 3, p50: 1 },
    { ...peers!, perSecond: 2, p50: 1 },
    { contestant: 'a third', p50: 1 },
  ]
  expect(barsOf(aCase({ figures }))).toEqual({
    measure: 'operations/s, more is better',
    contestants: ['Holdfast', 'connect-redis'],
    series: [{ label: '', unit: '', values: [3, 2] }],
  })
})

it('compares latency where throughput was not measured', () => {
  const figures = [
    { ...ours!, p50: 1, p99: 4 },
    { ...peers!, p99: 6 },
  ]
  expect(barsOf(aCase({ figures }))).toEqual({
    measure: 'latency in ms, less is better',
    contestants: ['Holdfast', 'connect-redis'],
    series: [
      { label: 'p50', unit: 'ms', values: [1, undefined] },
      { label: 'p99', unit: 'ms', values: [4, 6] },
    ],
  })
})

it.each([
  ['one contestant alone', [{ ...ours!, perSecond: 3, p50: 1 }]],
  ['contestants that were measured by other things', [{ ...ours!, perSecond: 3 }, peers!]],
  ['nobody', []],
])('compares nothing where there is %s', (_, figures) => {
  expect(barsOf(aCase({ figures }))).toBeUndefined()
})
