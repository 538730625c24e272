import { ContestantProcess } from '../contest/contestant-process.ts'
import type { Round } from '../contest/closed-loop.ts'
import type { OperationName } from '../contest/contender.ts'
import { median } from '../contest/quantile.ts'
import type { Figure, GoalOutcome } from '../report/results.ts'
import type { Bench } from '../servers.ts'
import type { Case, Measured } from './case.ts'
import { ROUND, ROUNDS } from './contest-case.ts'

const FEW = 10_000
const OPERATIONS = ['read', 'write'] as const

/** What a hundred times as many sessions do to each one. */
export const growth: Case = {
  name: 'growth',
  title: 'Growth of the table',
  method:
    'The same store over a table of ten thousand sessions and one of a million (or as many as `--rows` says), 64 reads or writes in flight all over the table; rounds in turn.',
  async measure(bench) {
    const few = await start(bench, FEW)
    const many = await start(bench, bench.rows)
    try {
      for (const table of [few, many]) await table.prepare()
      return await compare(few, many)
    } finally {
      await Promise.all([few.close(), many.close()])
    }
  },
}

interface Table {
  readonly name: string
  prepare(): Promise<void>
  play(operation: OperationName): Promise<Round>
  close(): Promise<void>
}

async function start(bench: Bench, rows: number): Promise<Table> {
  const place = await bench.place({ sessions: rows, isSeeded: true })
  const process = await ContestantProcess.start({
    contestant: 'Holdfast, Prisma',
    place,
    isServer: false,
  })
  const play = (operation: OperationName): Promise<Round> =>
    process.play({ operation, inFlight: 64, duration: ROUND })
  return {
    name: `Holdfast, ${rows.toLocaleString('en')} rows`,
    play,
    async prepare() {
      for (const operation of OPERATIONS) for (let time = 0; time < 3; time++) await play(operation)
    },
    close: () => process.close(),
  }
}

async function compare(few: Table, many: Table): Promise<Measured> {
  const figures: Figure[] = []
  const goals: GoalOutcome[] = []
  for (const operation of OPERATIONS) {
    const rounds: { few: Round; many: Round }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ few: await few.play(operation), many: await many.play(operation) })
    }
    figures.push(
      figureOf(
        `${few.name}, ${operation}`,
        rounds.map((each) => each.few),
      ),
    )
    figures.push(
      figureOf(
        `${many.name}, ${operation}`,
        rounds.map((each) => each.many),
      ),
    )
    const value = median(rounds.map((each) => each.many.p50 / each.few.p50))
    goals.push({
      text: `${operation}: latency (median) of many rows against few`,
      value,
      unit: '×',
      atMost: 1.3,
    })
  }
  return { figures, goals }
}

function figureOf(contestant: string, rounds: readonly Round[]): Figure {
  return {
    contestant,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicros: median(rounds.map(({ cpuMicros }) => cpuMicros)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
  }
}
