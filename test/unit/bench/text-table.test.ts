import { expect, it } from '@jest/globals'
import { toTextTable } from '../../../bench/report/text-table.js'
import { aCase } from '../../support/bench-results.js'

it('shows the case, its contestants in columns, and how each goal came out', () => {
  expect(toTextTable(aCase()).split('\n')).toEqual([
    'read-redis: Read, Redis hit',
    '  contestant       operations/s  CPU µs/op  p99 ms  KB sent',
    '  Holdfast, Redis        23,500       41.2     3.1        -',
    '  connect-redis          15,400          -    6.12       12',
    '  ok      throughput against connect-redis: 1.52 × (≥ 1.3 ×)',
    '  MISSED  latency (p99): 3.1 ms (≤ 3 ms)',
  ])
})

it('leaves out a table that would be empty', () => {
  expect(toTextTable(aCase({ figures: [], goals: [] }))).toBe('read-redis: Read, Redis hit')
})
