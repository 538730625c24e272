import type { Round, RoundSettings } from '../contest/closed-loop.ts'
import { figuresOf, playContest, playing, ratio, type Rounds } from '../contest/contest.ts'
import type { ContestantName } from '../contestants/index.ts'
import type { GoalOutcome } from '../report/results.ts'
import type { Case } from './case.ts'

/** A bound on the ratio of two contestants. */
export interface Goal {
  readonly ours: ContestantName
  readonly against: ContestantName

  /** Default: `perSecond`. */
  readonly figure?: keyof Round
  readonly atLeast?: number
  readonly atMost?: number
}

/** A case in which contestants play rounds by themselves. */
export interface ContestCase extends Omit<Case, 'measure'> {
  readonly goals: readonly Goal[]
  readonly round: RoundSettings

  /** Contestants that are measured without a goal. */
  readonly others?: readonly ContestantName[]

  /** How many sessions there are. Default: two thousand. */
  readonly sessions?: number

  /** By how much a proxy delays what Redis answers, ms. Default: there is no proxy. */
  readonly redisDelay?: number
}

/** How many rounds count, where a case does not say more. */
export const ROUNDS = 9

/** How long a round is, ms. */
export const ROUND = 700

/** Makes a case of contestants and goals. */
export function contestCase(contest: ContestCase): Case {
  const { name, title, method, goals, round, others, sessions, redisDelay } = contest
  return {
    name,
    title,
    method,
    async measure(bench, profiles) {
      const contestants = contestantsOf(goals, others)
      const place = () => bench.place({ sessions, redisDelay })
      const play = playing(round)
      const rounds = await playContest({ contestants, place, rounds: ROUNDS, play, profiles })
      return { figures: figuresOf(rounds), goals: goals.map((goal) => outcomeOf(goal, rounds)) }
    },
  }
}

/** All that goals name, each once, ours first. */
export function contestantsOf(
  goals: readonly Goal[],
  others: readonly ContestantName[] = [],
): readonly ContestantName[] {
  const ours = goals.map((goal) => goal.ours)
  return [...new Set([...ours, ...goals.map(({ against }) => against), ...others])]
}

const WORDS: Readonly<Record<keyof Round, string>> = {
  perSecond: 'throughput',
  cpuMicros: 'CPU time',
  p50: 'latency (median)',
  p99: 'latency (p99)',
}

/** What came of a goal. */
export function outcomeOf(goal: Goal, rounds: Rounds): GoalOutcome {
  const { ours, against, figure = 'perSecond', ...bound } = goal
  const value = ratio(rounds, [ours, against], figure)
  return { text: `${ours}: ${WORDS[figure]} against ${against}`, value, unit: '×', ...bound }
}
