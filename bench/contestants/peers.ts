import { PrismaSessionStore } from '@quixo3/prisma-session-store'
import connectPgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import createMemoryStore from 'memorystore'
import { Client, Pool } from 'pg'
import { createClient } from 'redis'
import type { Contender, Place } from '../contest/contender.ts'
import { LIFETIME } from './sample-session.ts'
import { openPrisma } from './prisma-client.ts'
import { storeContender } from './store-contender.ts'

/** connect-redis over node-redis, as its README has it. */
export async function connectRedis(place: Place): Promise<Contender> {
  const client = createClient({ url: place.redisUrl })
  await client.connect()
  const store = new RedisStore({ client, prefix: 'myapp:' })
  return storeContender({
    store: () => store,
    place,
    close: () => client.close(),
  })
}

/** connect-pg-simple over a `pg` pool, which its README recommends. */
export async function connectPg(place: Place): Promise<Contender> {
  const pool = new Pool({ connectionString: place.postgresUrl })
  const store = new (connectPgSimple(session))({ pool, createTableIfMissing: true })
  return storeContender({
    store: () => store,
    place,
    async close() {
      // It resolves at once: the pool is not its own.
      store.close()
      await pool.end()
    },
  })
}

/** @quixo3/prisma-session-store over a Prisma 7 client, as its README has it. */
export async function quixo3(place: Place): Promise<Contender> {
  await createQuixo3Table(place.postgresUrl)
  const prisma = openPrisma(place)
  const store = new PrismaSessionStore(prisma as never, {
    checkPeriod: 2 * 60 * 1000,
    dbRecordIdIsSessionId: true,
  })
  return storeContender({
    store: () => store,
    place,
    async close() {
      await store.shutdown()
      await prisma.$disconnect()
    },
  })
}

/** What `prisma migrate` makes of the model that its README gives. */
async function createQuixo3Table(postgresUrl: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(`
    create table if not exists "Session" (
      "id" text not null, "sid" text not null, "data" text not null,
      "expiresAt" timestamp(3) not null, constraint "Session_pkey" primary key ("id"));
    create unique index if not exists "Session_sid_key" on "Session" ("sid")`)
  await client.end()
}

/** express-session's own MemoryStore. */
export function memoryStore(place: Place): Promise<Contender> {
  const store = new session.MemoryStore()
  return storeContender({ store: () => store, place, close: async () => {} })
}

/** memorystore, as its README has it. */
export function memorystore(place: Place): Promise<Contender> {
  const store = new (createMemoryStore(session))({ checkPeriod: LIFETIME })
  return storeContender({
    store: () => store,
    place,
    async close() {
      store.stopInterval()
    },
  })
}
