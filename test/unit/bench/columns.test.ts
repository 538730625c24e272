import { expect, it } from '@jest/globals'
import { columnsOf } from '../../../bench/report/columns.js'
import { aCase } from '../../support/bench-results.js'

it('has only what any contestant was measured by, the particular last', () => {
  const headings = columnsOf(aCase()).map(({ heading }) => heading)
  expect(headings).toEqual(['operations/s', 'CPU µs/op', 'p99 ms', 'KB sent'])
})

it('has a value, or none, for each contestant', () => {
  expect(columnsOf(aCase())).toContainEqual({ heading: 'KB sent', values: [undefined, 12] })
})

it('has each particular once', () => {
  const figures = ['a', 'b'].map((contestant) => ({ contestant, more: { rows: 0 } }))
  expect(columnsOf(aCase({ figures }))).toEqual([{ heading: 'rows', values: [0, 0] }])
})
