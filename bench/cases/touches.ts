import { Client } from 'pg'
import { figuresOf, playContest, playing } from '../contest/contest.ts'
import { ContestantProcess } from '../contest/contestant-process.ts'
import type { Figure } from '../report/results.ts'
import type { Bench } from '../servers.ts'
import type { Case } from './case.ts'
import { contestantsOf, outcomeOf, ROUNDS, type Goal } from './contest-case.ts'

const SESSIONS = 5_000

const round = { operation: 'touch', inFlight: 64, turns: SESSIONS } as const

const goals: readonly Goal[] = [
  { ours: 'Holdfast, Prisma', against: 'connect-pg-simple', atLeast: 10 },
]

/** Touches, each of another session, until Postgres has them all. */
export const touches: Case = {
  name: 'touch',
  title: 'Touch',
  method:
    'Five thousand sessions are touched once each, 64 at a time; a round ends when Postgres has them all. Holdfast has each touch persisted here (`touchEvery: 0`), as the peers do, and gathers them; a touch may be lost in a crash. The log is measured over a hundred thousand sessions.',
  async measure(bench, profiles) {
    const place = () => bench.place({ sessions: SESSIONS })
    const contestants = contestantsOf(goals, ['@quixo3/prisma-session-store'])
    const play = playing(round)
    const rounds = await playContest({ contestants, place, rounds: ROUNDS, play, profiles })
    const { figure, bytes, hotShare } = await measureLog(bench)
    return {
      figures: [...figuresOf(rounds), figure],
      goals: [
        ...goals.map((goal) => outcomeOf(goal, rounds)),
        { text: 'write-ahead log of a touch', value: bytes, unit: 'bytes', atMost: 150 },
        { text: 'touches that are HOT updates', value: hotShare, unit: '%', atLeast: 100 },
      ],
    }
  },
}

/** As many as share the pages with those that are touched: no batch meets more than a few of a page. */
const ROWS = 100_000

/** What touches write to Postgres's log, and whether they leave the indexes alone. */
async function measureLog(bench: Bench) {
  const place = await bench.place({ sessions: ROWS, isSeeded: true })
  const contestant = await ContestantProcess.start({
    contestant: 'Holdfast, Prisma',
    place,
    isServer: false,
  })
  const client = new Client({ connectionString: place.postgresUrl })
  await client.connect()
  try {
    // The first touch of a page after a checkpoint has the whole page written.
    await contestant.play(round)
    const before = await readLog(client)
    await contestant.play(round)
    const after = await readLog(client)
    const updates = after.updates - before.updates
    const bytes = (after.bytes - before.bytes) / updates
    const hotShare = ((after.hot - before.hot) / updates) * 100
    const figure: Figure = {
      contestant: 'Holdfast, Prisma',
      more: { 'log, bytes': bytes, 'HOT, %': hotShare },
    }
    return { figure, bytes, hotShare }
  } finally {
    await client.end()
    await contestant.close()
  }
}

interface Log {
  readonly bytes: number
  readonly updates: number
  readonly hot: number
}

async function readLog(client: Client): Promise<Log> {
  const updates = `select n_tup_upd::float8 as updates, n_tup_hot_upd::float8 as hot
    from pg_stat_user_tables where relname = 'sessions'`
  const bytes = `select (pg_current_wal_insert_lsn() - '0/0')::float8 as bytes`
  const settled = await settledRow<Omit<Log, 'bytes'>>(client, updates)
  const { rows } = await client.query<Pick<Log, 'bytes'>>(bytes)
  return { ...settled, bytes: rows[0]?.bytes ?? NaN }
}

/** Backends tell of what they did about a second later. */
async function settledRow<T extends object>(client: Client, text: string): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const { rows } = await client.query<T>(text)
  const [row] = rows
  if (!row) throw new Error('Postgres has no such table')
  return row
}
