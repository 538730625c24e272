import type { Contender, Place } from '../contest/contender.ts'
import { holdfastNearPool, holdfastPool, holdfastPrisma, holdfastRedis } from './holdfast.ts'
import { connectPg, connectRedis, memoryStore, memorystore, quixo3 } from './peers.ts'
import { holdfastTokens, jwtAlone, jwtRedis } from './tokens.ts'
import { rawBatch, rawRedis, rawUpsert } from './raw-limits.ts'

/** All that can take part, by the name that tables show. */
export const contestants = {
  'Holdfast, Redis': (place) => holdfastRedis(place, false),
  'Holdfast, near': (place) => holdfastRedis(place, true),
  'Holdfast, near, pool': holdfastNearPool,
  'Holdfast, Prisma': holdfastPrisma,
  'Holdfast, pool': holdfastPool,
  'Holdfast tokens, Redis': (place) => holdfastTokens(place, false),
  'Holdfast tokens, near': (place) => holdfastTokens(place, true),
  'connect-redis': connectRedis,
  'connect-pg-simple': connectPg,
  '@quixo3/prisma-session-store': quixo3,
  MemoryStore: memoryStore,
  memorystore,
  'ioredis GET and parse': rawRedis,
  jsonwebtoken: jwtAlone,
  'jsonwebtoken and ioredis GET': jwtRedis,
  'pg upsert': rawUpsert,
  'pg batch of 128': rawBatch,
} as const satisfies Readonly<Record<string, (place: Place) => Promise<Contender>>>

/** The name of one that takes part. */
export type ContestantName = keyof typeof contestants
