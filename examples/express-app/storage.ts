import { setTimeout as pause } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { statementNameGenerator } from 'holdfast'
import { PrismaSessionStore, RedisFirstStore, type EngineStore } from 'holdfast/express'
import type { Settings } from './settings.js'
import { StartError } from './start-error.js'

/** A Postgres behind a Prisma client. */
export interface Database {
  readonly prisma: PrismaClient

  /** What it is and where, without its password. */
  readonly name: string
  close(): Promise<void>
}

/** Where the sessions are. */
export interface Storage {
  readonly store: EngineStore

  /** In words. */
  readonly description: string
  close(): Promise<void>
}

/**
 * Opens what the settings name: Postgres, or one that is embedded, and Redis in front of it where there is one.
 *
 * @throws StartError where Postgres is still out of reach after a few seconds. Without Redis it works on.
 *   It waits for neither once it is told to stop: what it resolves with is then to be closed.
 */
export async function openStorage(
  settings: Pick<Settings, 'databaseUrl' | 'redisUrl' | 'dataFolder'>,
  stopping?: AbortSignal,
): Promise<Storage> {
  const { databaseUrl, redisUrl, dataFolder } = settings
  const database = databaseUrl ? connect(databaseUrl) : await embed(dataFolder)
  const store = createStore(database.prisma, redisUrl)
  reportTrouble(store)
  const close = async (): Promise<void> => {
    await store.close()
    await database.close()
  }
  try {
    await untilReady(store, database.name, stopping)
  } catch (error) {
    await close()
    throw error
  }
  await warnWithoutRedis(store)
  const redis = redisUrl && `Redis at ${placeOf(redisUrl)}, in front of `
  return { store, description: `${redis ?? ''}${database.name}`, close }
}

/** The store: sessions live for 24 hours, and those that expired are deleted each hour. */
function createStore(prisma: PrismaClient, redisUrl: string | undefined): EngineStore {
  const options = { ttl: '24h', sweepEvery: '1h', createTables: true } as const
  return redisUrl
    ? new RedisFirstStore({ redis: redisUrl, prisma, ...options })
    : new PrismaSessionStore(prisma, options)
}

function connect(databaseUrl: string): Database {
  const connection = { connectionString: databaseUrl, connectionTimeoutMillis: 3000 }
  const adapter = new PrismaPg(connection, { statementNameGenerator })
  const prisma = new PrismaClient({ adapter })
  return {
    prisma,
    name: `Postgres at ${placeOf(databaseUrl)}`,
    close: () => prisma.$disconnect(),
  }
}

/** Loaded only where it is used: a Postgres compiled to WebAssembly is large. */
async function embed(dataFolder: string): Promise<Database> {
  const { openEmbeddedPostgres } = await import('./embedded-postgres.js')
  return openEmbeddedPostgres(dataFolder)
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return host + pathname
}

const attempts = 5
const pauseBetweenAttempts = 1000
const pauseBetweenPings = 100

/** A database may start later than the application does. */
async function untilReady(store: EngineStore, name: string, stopping?: AbortSignal): Promise<void> {
  for (let attempt = 1; !stopping?.aborted; attempt++) {
    try {
      return await store.ready()
    } catch (error) {
      if (attempt === attempts) throw new StartError(`${name} can not be used: ${reasonOf(error)}`)
      if (attempt === 1) console.warn(`Waiting for ${name} …`)
    }
    await pause(pauseBetweenAttempts)
  }
}

/** In one line: the last of what its innermost cause says. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  if (cause instanceof Error) return reasonOf(cause)
  return message.trim().split('\n').at(-1) ?? 'no reason given'
}

/** The first connection may take longer than a request would wait for Redis. */
async function warnWithoutRedis(store: EngineStore): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { cache } = await store.health()
    if (!cache || cache.isReachable) return
    await pause(pauseBetweenPings)
  }
  console.warn('Redis does not answer: Postgres serves alone until it does')
}

/** What an operator should hear of; `logger` in the store's options would be told more. */
function reportTrouble({ engine }: EngineStore): void {
  let told = 'closed'
  engine.on('cache-state', ({ cache, state }) => {
    // Each probe that fails opens it anew.
    if (state === told || state === 'half-open') return
    told = state
    if (state === 'closed') console.warn(`${cache} is used again`)
    else console.warn(`${cache} is left alone for a while: Postgres serves alone`)
  })
  engine.on('background-failure', ({ task, error }) => {
    console.warn(`In the background, to be tried again: ${task}: ${reasonOf(error)}`)
  })
}
