import { EngineStore, PrismaSessionStore, RedisFirstStore } from 'holdfast/express'
import { openSessions, statementNameGenerator } from 'holdfast'
import { Pool } from 'pg'
import type { Contender, Place } from '../contest/contender.ts'
import { openPrisma } from './prisma-client.ts'
import { storeContender } from './store-contender.ts'

/** `RedisFirstStore`: Redis in front of Postgres, through Prisma; perhaps with the in-process cache. */
export function holdfastRedis(place: Place, near: boolean): Promise<Contender> {
  const prisma = openPrisma(place, { statementNameGenerator })
  const { redisUrl: redis } = place
  const store = new RedisFirstStore({ redis, prisma, near, createTables: true })
  return contenderOf(place, store, async () => {
    await store.close()
    await prisma.$disconnect()
  })
}

/** The same with the in-process cache, over a `pg` pool, as the peers that need no Prisma have it. */
export function holdfastNearPool(place: Place): Promise<Contender> {
  const pool = new Pool({ connectionString: place.postgresUrl })
  const { redisUrl: redis } = place
  const store = new RedisFirstStore({ redis, pool, near: true, createTables: true })
  return contenderOf(place, store, async () => {
    await store.close()
    await pool.end()
  })
}

/**
 * `PrismaSessionStore`: Postgres alone. Each touch is persisted (`touchEvery: 0`), as the peers do
 * it; a store persists what it has gathered when it is closed, and another one goes on.
 */
export async function holdfastPrisma(place: Place): Promise<Contender> {
  const prisma = openPrisma(place, { statementNameGenerator })
  const open = (): PrismaSessionStore =>
    new PrismaSessionStore(prisma, { createTables: true, touchEvery: 0 })
  let store = open()
  let isClosed = false
  await store.ready()
  return storeContender({
    store: () => store,
    place,
    // As after a restart, or the first sweep: the table is large enough for plans to be kept.
    seeded: () => store.ready(),
    async prepare() {
      if (!isClosed) return
      isClosed = false
      store = open()
      await store.ready()
    },
    async settle() {
      isClosed = true
      await store.close()
    },
    async close() {
      await store.close()
      await prisma.$disconnect()
    },
  })
}

/** Postgres alone, through a `pg` pool. */
export function holdfastPool(place: Place): Promise<Contender> {
  const pool = new Pool({ connectionString: place.postgresUrl })
  const engine = openSessions({ pool, createTables: true })
  return contenderOf(place, new EngineStore(engine), async () => {
    await engine.close()
    await pool.end()
  })
}

async function contenderOf(
  place: Place,
  store: EngineStore,
  close: () => Promise<void>,
): Promise<Contender> {
  await store.ready()
  return storeContender({
    store: () => store,
    place,
    // As after a restart, or the first sweep: the table is large enough for plans to be kept.
    seeded: () => store.ready(),
    close,
  })
}
