import { expect, it } from '@jest/globals'
import { toMarkdown } from '../../../bench/report/markdown.js'
import type { CaseResult } from '../../../bench/report/results.js'
import { aCase, aRun } from '../../support/bench-results.js'

/** The page of one case, line by line. */
function linesOf(changes: Partial<CaseResult> = {}): readonly string[] {
  return toMarkdown(aRun([aCase(changes)])).split('\n')
}

it('says when and on what it was measured', () => {
  expect(linesOf()).toEqual(
    expect.arrayContaining([
      'Measured at 2026-08-01 12:34 UTC, on this machine with these versions:',
      '| CPU | A CPU @ 2.10GHz |',
      '| memory | 7.76 GiB |',
      '| connect-redis | 9.0.0 |',
    ]),
  )
})

it('has all goals in one table, with a link to the case', () => {
  expect(linesOf()).toEqual(
    expect.arrayContaining([
      '1 of 2 goals met.',
      '| case | what | goal | measured | met |',
      '| [Read, Redis hit](#read-redis-hit) | throughput against connect-redis | ≥ 1.3 × | 1.52 × | yes |',
      '| [Read, Redis hit](#read-redis-hit) | latency (p99) | ≤ 3 ms | 3.1 ms | **no** |',
    ]),
  )
})

it('has a section for each case: its title, method, figures and chart', () => {
  expect(linesOf().slice(-10)).toEqual([
    '### Read, Redis hit',
    '',
    '64 reads in flight.',
    '',
    '| contestant | operations/s | CPU µs/op | p99 ms | KB sent |',
    '| --- | ---: | ---: | ---: | ---: |',
    '| Holdfast, Redis | 23,500 | 41.2 | 3.1 |  |',
    '| connect-redis | 15,400 |  | 6.12 | 12 |',
    '',
    '![Read, Redis hit](charts/read-redis.svg)',
  ])
})

it('shows no chart where nothing is compared', () => {
  const figures = [{ contestant: 'Holdfast', perSecond: 1 }]
  expect(linesOf({ figures }).at(-1)).toBe('| Holdfast | 1 |')
})

it('shows names as they are, though Markdown means something by them', () => {
  const figures = [{ contestant: '<b>a|b*c', perSecond: 1 }]
  expect(linesOf({ figures }).at(-1)).toBe(String.raw`| \<b\>a\|b\*c | 1 |`)
})
