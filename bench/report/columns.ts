import type { CaseResult, Figure } from './results.ts'

/** One measurement of a case's contestants. */
export interface Column {
  /** With the unit: `p99 ms`. */
  readonly heading: string

  /** Beside the case's figures, one each; undefined where a contestant was not measured so. */
  readonly values: readonly (number | undefined)[]
}

const always: readonly (readonly [string, (figure: Figure) => number | undefined])[] = [
  ['operations/s', ({ perSecond }) => perSecond],
  ['CPU µs/op', ({ cpuMicros }) => cpuMicros],
  ['p50 ms', ({ p50 }) => p50],
  ['p99 ms', ({ p99 }) => p99],
]

/** The measurements that any contestant of the case has, those of its `more` last. */
export function columnsOf({ figures }: CaseResult): readonly Column[] {
  const names = new Set(figures.flatMap(({ more = {} }) => Object.keys(more)))
  const others = [...names].map((name) => [name, (figure: Figure) => figure.more?.[name]] as const)
  return [...always, ...others]
    .map(([heading, read]) => ({ heading, values: figures.map(read) }))
    .filter(({ values }) => values.some((value) => value !== undefined))
}
