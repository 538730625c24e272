import { playContest, figuresOf, type ContestSettings } from '../contest/contest.ts'
import type { ContestantProcess } from '../contest/contestant-process.ts'
import { loadWithRequests, logIn } from '../contest/http-load.ts'
import type { Case } from './case.ts'
import { contestantsOf, outcomeOf, ROUNDS, type Goal } from './contest-case.ts'

const CONNECTIONS = 32

/** s. */
const ROUND_SECONDS = 1

interface HttpCase extends Omit<Case, 'measure'> {
  readonly path: string
  readonly goals: readonly Goal[]
}

function httpCase({ name, title, method, path, goals }: HttpCase): Case {
  return {
    name,
    title,
    method,
    async measure(bench, profiles) {
      const contestants = contestantsOf(goals, ['Holdfast, near, pool'])
      const play = requesting(path)
      const place = () => bench.place()
      const contest = { contestants, place, isServer: true, rounds: ROUNDS, play, profiles }
      const rounds = await playContest(contest)
      return { figures: figuresOf(rounds), goals: goals.map((goal) => outcomeOf(goal, rounds)) }
    },
  }
}

/** Rounds of requests; the visitors of a contestant log in once. */
function requesting(path: string): ContestSettings['play'] {
  const visitors = new Map<ContestantProcess, readonly string[]>()
  return async (contestant) => {
    const { url = '' } = contestant
    const cookies = visitors.get(contestant) ?? (await logIn(url, CONNECTIONS))
    visitors.set(contestant, cookies)
    const before = await contestant.cpuMicros()
    const round = await loadWithRequests({ url, path, cookies, duration: ROUND_SECONDS })
    const cpu = (await contestant.cpuMicros()) - before
    return { ...round, cpuMicros: cpu / (round.perSecond * ROUND_SECONDS) }
  }
}

const ours = 'Holdfast, near'

/** A whole Express application: 32 connections, each a visitor with a session of their own. */
export const http = [
  httpCase({
    name: 'http-read',
    title: 'HTTP, requests that read their session',
    method:
      '32 connections to an Express 5 application, each a visitor with a session of 528 bytes; the next request follows the answer. Nothing changes, so that express-session touches the session at each request; Holdfast persists one a minute (`touchEvery`), as it does by default. Holdfast, near, is `RedisFirstStore` through Prisma; near, pool, over a `pg` pool.',
    path: '/read',
    goals: [
      { ours, against: 'MemoryStore', atLeast: 0.95 },
      { ours, against: 'connect-redis', atLeast: 1 },
      { ours, against: 'connect-redis', figure: 'p99', atMost: 1.1 },
    ],
  }),
  httpCase({
    name: 'http-write',
    title: 'HTTP, requests that change their session',
    method:
      'The same, and each request counts a visit. Holdfast answers after Postgres has committed; what connect-redis answers for is lost when Redis is, and what MemoryStore does when the process is.',
    path: '/write',
    goals: [
      { ours, against: 'connect-redis', atLeast: 1 },
      { ours, against: 'connect-pg-simple', atLeast: 2.2 },
      { ours, against: 'MemoryStore', atLeast: 0.85 },
      { ours, against: 'connect-redis', figure: 'p99', atMost: 1.1 },
    ],
  }),
]
