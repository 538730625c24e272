import { median } from '../contest/quantile.ts'
import { runProgram } from '../programs/run-program.ts'
import type { SweepResult } from '../programs/sweep.ts'
import { seedSessions } from '../seed-sessions.ts'
import type { Bench } from '../servers.ts'
import type { Case } from './case.ts'

const EXPIRED = 1_000_000
const LIVE = 10_000
const ROUNDS = 3

/** The scheduled cleanup, while sessions are read. */
export const sweep: Case = {
  name: 'sweep',
  title: 'Sweep of a million expired rows',
  method:
    'A table holds a million expired sessions and ten thousand live ones, which eight callers read meanwhile. The other one deletes by a single statement in a table of its own. Three rounds.',
  async measure(bench) {
    const [ours, naive] = [[] as SweepResult[], [] as SweepResult[]]
    for (let round = 0; round < ROUNDS; round++) {
      const inTurn = round % 2 === 0 ? [false, true] : [true, false]
      for (const isNaive of inTurn) (isNaive ? naive : ours).push(await play(bench, isNaive))
    }
    return {
      figures: [figureOf('Holdfast, sweep', ours), figureOf('one DELETE', naive)],
      goals: [
        {
          text: 'p99 of reads meanwhile, against before',
          value: median(ours.map(({ meanwhile, quiet }) => meanwhile / quiet)),
          unit: '×',
          atMost: 2,
        },
        {
          text: 'rows a second, against one DELETE',
          value: median(ours.map((each, round) => each.rowsPerSecond / rateOf(naive[round]))),
          unit: '×',
          atLeast: 0.5,
        },
      ],
    }
  },
}

async function play(bench: Bench, isNaive: boolean): Promise<SweepResult> {
  const place = await bench.place({ sessions: LIVE, isSeeded: true })
  await seedSessions(place.postgresUrl, { expired: EXPIRED })
  return runProgram<SweepResult>('sweep', { place, isNaive })
}

function figureOf(contestant: string, played: readonly SweepResult[]) {
  return {
    contestant,
    perSecond: median(played.map(rateOf)),
    more: {
      'p99 of reads before, ms': median(played.map(({ quiet }) => quiet)),
      'p99 of reads meanwhile, ms': median(played.map(({ meanwhile }) => meanwhile)),
    },
  }
}

function rateOf(played: SweepResult | undefined): number {
  return played?.rowsPerSecond ?? NaN
}
