import { contestCase, ROUND } from './contest-case.ts'

const round = { operation: 'write', inFlight: 64, duration: ROUND } as const

/** Durable writes: each is acknowledged after Postgres has committed, with `fsync`. */
export const writes = [
  contestCase({
    name: 'write',
    title: 'Durable write',
    method:
      '64 writes in flight, each of a session that was loaded and changed; acknowledged after the commit.',
    round,
    goals: [
      { ours: 'Holdfast, Prisma', against: 'connect-pg-simple', atLeast: 4 },
      { ours: 'Holdfast, Prisma', against: '@quixo3/prisma-session-store', atLeast: 10 },
    ],
  }),
  contestCase({
    name: 'write-batch',
    title: 'Durable write, against the limit of a batch',
    method:
      '128 writes in flight. The limit writes 128 rows in one prepared statement, one after the other: as many in flight, without a store around them.',
    round: { ...round, inFlight: 128 },
    goals: [
      { ours: 'Holdfast, Prisma', against: 'pg batch of 128', atLeast: 0.5 },
      { ours: 'Holdfast, pool', against: 'pg batch of 128', atLeast: 0.75 },
    ],
  }),
  contestCase({
    name: 'write-lone',
    title: 'Durable write, one caller',
    method: 'One write at a time: it never waits for company.',
    round: { ...round, inFlight: 1 },
    goals: [{ ours: 'Holdfast, pool', against: 'pg upsert', figure: 'p50', atMost: 1.25 }],
    others: ['Holdfast, Prisma', 'connect-pg-simple'],
  }),
]
