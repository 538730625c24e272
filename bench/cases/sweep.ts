import { runProgram } from '../programs/run-program.ts'
import type { SweepResult } from '../programs/sweep.ts'
import { seedSessions } from '../seed-sessions.ts'
import type { Bench } from '../servers.ts'
import type { Case } from './case.ts'

const EXPIRED = 1_000_000
const LIVE = 10_000

/** The scheduled cleanup, while sessions are read. */
export const sweep: Case = {
  name: 'sweep',
  title: 'Sweep of a million expired rows',
  method:
    'A table holds a million expired sessions and ten thousand live ones, which eight callers read meanwhile. The other one deletes by a single statement in a table of its own.',
  async measure(bench) {
    const ours = await play(bench, false)
    const naive = await play(bench, true)
    return {
      figures: [figureOf('Holdfast, sweep', ours), figureOf('one DELETE', naive)],
      goals: [
        {
          text: 'p99 of reads meanwhile, against before',
          value: ours.meanwhile / ours.quiet,
          unit: '×',
          atMost: 2,
        },
        {
          text: 'rows a second, against one DELETE',
          value: ours.rowsPerSecond / naive.rowsPerSecond,
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

function figureOf(contestant: string, { rowsPerSecond, quiet, meanwhile }: SweepResult) {
  return {
    contestant,
    perSecond: rowsPerSecond,
    more: { 'p99 of reads before, ms': quiet, 'p99 of reads meanwhile, ms': meanwhile },
  }
}
