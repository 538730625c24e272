import type { IncomingMessage } from 'node:http'
import type session from 'express-session'
import type { Contender, Operation, OperationName, Place } from '../contest/contender.ts'
import { sampleId, sampleSession } from './sample-session.ts'

type Loaded = session.Session & session.SessionData

const AT_A_TIME = 64

/** How a store takes part. */
export interface StoreContenderOptions {
  /** The store as it is now: settling may have put another one in its place. */
  readonly store: () => session.Store
  readonly place: Place

  /** Called when all sessions are stored. */
  readonly seeded?: () => Promise<void>

  /** Called before each round. */
  readonly prepare?: () => Promise<void>
  readonly settle?: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Puts an express-session store into the contest: all sessions are stored first, and loaded as the
 * middleware loads them. A write then is what the end of a request is that has changed its session,
 * and a touch what it is otherwise.
 */
export async function storeContender(options: StoreContenderOptions): Promise<Contender> {
  const { store, place, seeded, settle, close } = options
  const { sessions, isSeeded } = place
  const put = (number: number) =>
    new Promise<void>((resolve, reject) => {
      const done = (error?: unknown) => (error ? reject(asError(error)) : resolve())
      store().set(sampleId(number), sampleSession(number), done)
    })
  if (!isSeeded) await inParts(sessions, put)
  await seeded?.()
  const loaded: Loaded[] = []
  const chosen = (turn: number): Loaded => {
    const each = loaded[turn % loaded.length]
    if (!each) throw new Error('There is no such session')
    each.touch()
    return each
  }
  const prepare = async (operation: OperationName): Promise<void> => {
    await options.prepare?.()
    if (operation === 'read' || loaded.length > 0) return
    const count = Math.min(sessions, MOST_LOADED)
    const loading = inParts(count, (number) => load(store(), spread(number, sessions)))
    loaded.push(...(await loading))
  }
  const read: Operation = (turn, done) => {
    const number = spread(turn, sessions)
    store().get(sampleId(number), (error: unknown, data) => {
      if (error) return done(error)
      done(data?.visits === undefined ? new Error(`Session ${number} is lost`) : undefined)
    })
  }
  const write: Operation = (turn, done) => {
    const each = chosen(turn)
    each.visits = (each.visits ?? 0) + 1
    store().set(each.id, each, done)
  }
  const touch: Operation = (turn, done) => {
    const each = chosen(turn)
    store().touch?.(each.id, each, done)
  }
  return {
    operations: { read, write, touch },
    prepare,
    store,
    ...(settle ? { settle } : {}),
    close,
  }
}

/** Does it for each session, 64 at a time. */
async function inParts<T>(sessions: number, work: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  while (results.length < sessions) {
    const start = results.length
    const count = Math.min(AT_A_TIME, sessions - start)
    const part = Array.from({ length: count }, (_, each) => work(start + each))
    results.push(...(await Promise.all(part)))
  }
  return results
}

async function load(store: session.Store, number: number): Promise<Loaded> {
  const id = sampleId(number)
  const data = await new Promise<session.SessionData | null | undefined>((resolve, reject) => {
    store.get(id, (error: unknown, found) => (error ? reject(asError(error)) : resolve(found)))
  })
  if (!data) throw new Error(`Session ${number} was not stored`)
  const request = { sessionID: id, sessionStore: store } as unknown as IncomingMessage
  return store.createSession(request as Parameters<typeof store.createSession>[0], data)
}

/** One after the other, and not next to each other in a table. */
function spread(turn: number, sessions: number): number {
  return (turn * LARGE_PRIME) % sessions
}

const LARGE_PRIME = 15_485_863

/** So many sessions are changed over and over. */
const MOST_LOADED = 10_000

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('A store failed', { cause: error })
}
