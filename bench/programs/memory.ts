import { openSessions, type SessionEngine } from 'holdfast'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { Place } from '../contest/contender.ts'
import { sampleId } from '../contestants/sample-session.ts'
import { answer, argument } from './run-program.ts'

/* Reads sessions through Redis and the in-process cache, and tells what they leave in the heap. */

/** What {@link runProgram} gives for this one. */
export interface MemoryResult {
  /** Bytes of heap that a remembered session takes. */
  readonly bytesOfEntry: number

  /** Heap after all ids, divided by the heap after the first hundred thousand. */
  readonly growth: number
}

const REMEMBERED = 20_000
const SOME = 100_000
const AT_A_TIME = 256

const { place, ids } = argument() as { readonly place: Place; readonly ids: number }
const pool = new Pool({ connectionString: place.postgresUrl })
const admin = new Redis(place.redisUrl)
await admin.config('SET', 'maxmemory', '200mb', 'maxmemory-policy', 'allkeys-lru')

async function open(maxEntries: number): Promise<SessionEngine> {
  const engine = openSessions({ pool, redis: place.redisUrl, near: { maxEntries } })
  await engine.ready()
  while ((await engine.health()).near?.isBelieved !== true) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return engine
}

async function readAll(engine: SessionEngine, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, to - start)
    const reading = Array.from({ length: count }, async (_, each) => {
      const id = engine.idOf(sampleId(start + each))
      if (!id || !(await engine.read(id))) throw new Error(`Session ${start + each} is lost`)
    })
    await Promise.all(reading)
  }
}

function heap(): number {
  for (let time = 0; time < 3; time++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const warm = await open(10)
await readAll(warm, 0, 2_000)
await warm.close()
const engine = await open(REMEMBERED)
const empty = heap()
await readAll(engine, 0, REMEMBERED)
const full = heap()
const { near } = await engine.health()
const bytesOfEntry = (full - empty) / (near?.sessions ?? NaN)
await readAll(engine, 0, SOME)
const early = heap()
await readAll(engine, SOME, ids)
const late = heap()
await engine.close()
await Promise.all([pool.end(), admin.quit()])
answer({ bytesOfEntry, growth: late / early } satisfies MemoryResult)
