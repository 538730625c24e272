import type { CaseResult, Figure } from './results.ts'

/** What a case's chart shows: a group of bars for each contestant, in the order of the case. */
export interface Bars {
  /** What the bars measure, and which end is good. */
  readonly measure: string
  readonly contestants: readonly string[]
  readonly series: readonly BarSeries[]
}

/** One bar of each contestant. */
export interface BarSeries {
  /** Stands before the number: `p50`, or nothing where there is one series alone. */
  readonly label: string
  readonly unit: string
  readonly values: readonly (number | undefined)[]
}

/**
 * What the case's chart shows: throughput, or latency where throughput was not measured.
 *
 * @returns undefined where fewer than two contestants have either: there is nothing to compare.
 */
export function barsOf({ figures }: CaseResult): Bars | undefined {
  const counted = figures.filter(({ perSecond }) => perSecond !== undefined)
  if (counted.length >= 2) return throughputOf(counted)
  const timed = figures.filter(({ p50, p99 }) => (p50 ?? p99) !== undefined)
  return timed.length >= 2 ? latencyOf(timed) : undefined
}

function throughputOf(figures: readonly Figure[]): Bars {
  const values = figures.map(({ perSecond }) => perSecond)
  return {
    measure: 'operations/s, more is better',
    contestants: figures.map(({ contestant }) => contestant),
    series: [{ label: '', unit: '', values }],
  }
}

function latencyOf(figures: readonly Figure[]): Bars {
  return {
    measure: 'latency in ms, less is better',
    contestants: figures.map(({ contestant }) => contestant),
    series: [
      { label: 'p50', unit: 'ms', values: figures.map(({ p50 }) => p50) },
      { label: 'p99', unit: 'ms', values: figures.map(({ p99 }) => p99) },
    ],
  }
}
