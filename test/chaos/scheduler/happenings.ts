import type { History, Operation } from '../history/history.js'
import type { Played } from './run-scenario.js'
import type { Expectations } from './scenario.js'

/** How often something happened, and how often it is expected to at least, each time that a scenario is played. */
type Claim = readonly [what: string, number: number, least: number]

/** On so many seeds a fault must have hit something: on a busy machine there may be nothing to hit. */
const MOST_SEEDS = 0.9

/**
 * Counts what happened in all plays of a scenario together: the more there are, the surer one of them has its fault just
 * when nothing else goes on.
 */
export class Happenings {
  readonly #sums = new Map<string, { number: number; least: number }>()

  constructor(private readonly expected: Expectations) {}

  add(played: Played): void {
    this.#count(claims(played, this.expected))
  }

  /** What makes up for too little: it is counted, and nothing more is expected for it. */
  addMore(played: Played): void {
    this.#count(claims(played, this.expected).map(([what, number]) => [what, number, 0]))
  }

  /** What happened too seldom to show anything, in words. */
  shortfalls(): readonly string[] {
    return [...this.#sums]
      .filter(([, { number, least }]) => number < least)
      .map(
        ([what, { number, least }]) =>
          `Too little happened: ${number} ${what}, not ${Math.ceil(least)} at least`,
      )
  }

  #count(claimed: readonly Claim[]): void {
    for (const [what, number, least] of claimed) {
      const sum = this.#sums.get(what) ?? { number: 0, least: 0 }
      this.#sums.set(what, { number: sum.number + number, least: sum.least + least })
    }
  }
}

/** What was dropped, or met what is gone, has written nothing. */
function isDone({ kind, result, outcome }: Operation): boolean {
  return result === 'ok' && (kind !== 'write' || outcome === 'written')
}

function noted({ faults }: History, name: string): number {
  return faults.filter(({ fault }) => fault === name).length
}

function claims({ history, events }: Played, expected: Expectations): readonly Claim[] {
  const { ok = {}, failed = 0, tiers = {}, events: leastEvents = {}, faults = {} } = expected
  const { operations } = history
  const count = (kind: string) =>
    operations.filter((each) => each.kind === kind && isDone(each)).length
  const answered = (tier: string) =>
    operations.filter(({ kind, seen }) => kind === 'read' && seen?.tier === tier).length
  const failures = operations.filter(({ result }) => result !== 'ok').length
  return [
    ...Object.entries(ok).map(([kind, least]) => [`${kind}s`, count(kind), least] as const),
    ['failures', failures, failed],
    ...Object.entries(tiers).map(
      ([tier, least]) => [`reads by ${tier}`, answered(tier), least] as const,
    ),
    ...Object.entries(leastEvents).map(
      ([name, least]) => [name, events[name] ?? 0, least] as const,
    ),
    ...Object.entries(faults).flatMap(([name, least]) => {
      const times = noted(history, name)
      return [
        [`times '${name}'`, times, least] as const,
        [`seeds with '${name}'`, Math.min(1, times), MOST_SEEDS] as const,
      ]
    }),
  ]
}
