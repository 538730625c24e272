import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import type { SessionData } from 'express-session'
import {
  MemorySessionStore,
  PrismaSessionStore,
  RedisFirstStore,
  type EngineStore,
} from '../../../../../src/doors/express/index.js'
import type { Place } from './run-program.js'

/** What this program found, by store. */
export type CallbacksReport = Record<
  string,
  {
    /** The methods whose callback threw, as often as it reached the process. */
    readonly uncaught: readonly string[]
    /** The methods whose callback was called, as often as it was. */
    readonly called: readonly string[]
    readonly unhandled: number
  }
>

const place = JSON.parse(process.argv[2] ?? '') as Place
let uncaught: string[] = []
let unhandled = 0
process.on('uncaughtException', (error) => uncaught.push(error.message))
process.on('unhandledRejection', () => unhandled++)

const session = JSON.parse('{"cookie":{"originalMaxAge":60000}}') as SessionData

interface Known {
  readonly sid: string
  readonly known: SessionData
}

type Throwing = (method: string) => () => never

function callEach(store: EngineStore, { sid, known }: Known, throwing: Throwing): void {
  store.get(sid, throwing('get of a known session'))
  store.touch(sid, known, throwing('touch of a known session'))
  store.set('one', session, throwing('set'))
  store.get('one', throwing('get'))
  store.get('nobody', throwing('get of a missing session'))
  store.touch('one', session, throwing('touch'))
  store.all(throwing('all'))
  store.ids(throwing('ids'))
  store.length(throwing('length'))
  store.destroy('one', throwing('destroy'))
  store.clear(throwing('clear'))
  store.set('', session, throwing('set that fails'))
}

/** As express-session calls `destroy` when nobody gave a callback: the promise is dropped. */
async function dropPromises(store: EngineStore): Promise<void> {
  void store.set('', session)
  await store.close()
  void store.get('one')
  void store.destroy('one')
  void store.length()
  void store.clear()
  await delay(20)
}

/** Loads a session of an id that no store before has ended; with an in-process cache, until that remembers it. */
async function load(store: EngineStore, near: boolean): Promise<Known> {
  const sid = randomUUID()
  await store.set(sid, session)
  for (;;) {
    const known = await store.get(sid)
    if (known && (!near || store.engine.recall(store.engine.idOf(sid)!))) return { sid, known }
    await delay(5)
  }
}

async function examine(store: EngineStore, near = false): Promise<CallbacksReport[string]> {
  const known = await load(store, near)
  uncaught = []
  unhandled = 0
  const called: string[] = []
  callEach(store, known, (method) => () => {
    called.push(method)
    throw new Error(method)
  })
  while (called.length < 12) await delay(5)
  await delay(20)
  await dropPromises(store)
  return { uncaught: uncaught.sort(), called: called.sort(), unhandled }
}

async function main(): Promise<CallbacksReport> {
  const { databaseUrl, redisUrl: redis, prefix } = place
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl }) })
  try {
    return {
      MemorySessionStore: await examine(new MemorySessionStore()),
      PrismaSessionStore: await examine(new PrismaSessionStore(prisma)),
      RedisFirstStore: await examine(
        new RedisFirstStore({ redis, prisma, prefix, redisTimeout: '5s' }),
      ),
      'RedisFirstStore, near': await examine(
        new RedisFirstStore({ redis, prisma, prefix, redisTimeout: '5s', near: true }),
        true,
      ),
    }
  } finally {
    await prisma.$disconnect()
  }
}

void main().then((report) => {
  process.send?.(report)
  process.disconnect()
})
