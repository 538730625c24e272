import { contestCase, ROUND } from './contest-case.ts'

const round = { operation: 'read', inFlight: 64, duration: ROUND } as const

/** Each session is read once before a round: what this process remembers is a hit from the first read on. */
const nearRound = { ...round, warmUp: 2_000 }

/** Reads of sessions that Redis, this process's memory, or Postgres alone has. */
export const reads = [
  contestCase({
    name: 'read-redis',
    title: 'Read, Redis hit',
    method: '64 reads in flight over two thousand sessions that Redis holds.',
    round,
    goals: [
      { ours: 'Holdfast, Redis', against: 'connect-redis', atLeast: 1.3 },
      { ours: 'Holdfast, Redis', against: 'ioredis GET and parse', atLeast: 0.8 },
    ],
  }),
  contestCase({
    name: 'read-near',
    title: 'Read, near hit',
    method:
      '64 reads in flight over two thousand sessions that this process remembers, for two seconds each, as it does by default: each is read once before a round. All contestants parse the session for each read.',
    round: nearRound,
    goals: [
      { ours: 'Holdfast, near', against: 'connect-redis', atLeast: 2.4 },
      { ours: 'Holdfast, near', against: 'MemoryStore', atLeast: 0.8 },
    ],
    others: ['memorystore'],
  }),
  contestCase({
    name: 'read-near-lone',
    title: 'Read, near hit, one in flight',
    method: 'One read at a time.',
    round: { ...nearRound, inFlight: 1 },
    goals: [{ ours: 'Holdfast, near', against: 'connect-redis', figure: 'p50', atMost: 1 / 12 }],
  }),
  contestCase({
    name: 'read-near-network',
    title: 'Read, near hit, Redis 1 ms away',
    method: 'One read at a time; a proxy delays what comes from Redis by a millisecond.',
    round: { ...nearRound, inFlight: 1 },
    redisDelay: 1,
    goals: [{ ours: 'Holdfast, near', against: 'connect-redis', figure: 'p50', atMost: 1 / 100 }],
  }),
  contestCase({
    name: 'read-postgres',
    title: 'Read, Postgres only',
    method: '64 reads in flight over two thousand sessions in Postgres, without Redis.',
    round,
    goals: [
      { ours: 'Holdfast, Prisma', against: 'connect-pg-simple', atLeast: 3 },
      { ours: 'Holdfast, Prisma', against: '@quixo3/prisma-session-store', atLeast: 5 },
    ],
    others: ['Holdfast, pool'],
  }),
]
