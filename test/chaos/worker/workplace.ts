import { Pool } from 'pg'
import { openSessions, type SessionEngine, type SessionEventName } from '../../../src/index.js'
import { systemClock } from '../../../src/core/clock.js'
import { eventually } from '../scene/eventually.js'
import { Actor } from './actor.js'
import type { Sample, WorkerOptions } from './commands.js'
import { Journal } from './journal.js'

const COUNTED: readonly SessionEventName[] = [
  'conflict',
  'write-after-destroy',
  'corrupt-record',
  'cache-failure',
  'cache-state',
  'ledger-failure',
  'repaired',
  'background-failure',
]

/** A worker may take another's place while Postgres is broken. ms. */
const LONGEST_START = 15_000

const COLLECT_EVERY = 2_000

/** One worker's sessions, as an application opens them, and who works on them. */
export interface Workplace {
  readonly actor: Actor
  readonly engine: SessionEngine
  sample(): Promise<Sample>
  close(): Promise<void>
}

/** Opens sessions over a Redis by its URL and a pool. */
export async function openWorkplace(name: string, options: WorkerOptions): Promise<Workplace> {
  const { redisUrl, databaseUrl, connections = 4, clockOffset = 0, ...sessions } = options
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 2_000,
  })
  pool.on('error', () => {})
  const engine = openSessions({
    touchEvery: 0,
    createTables: true,
    ...sessions,
    redis: redisUrl,
    pool,
    clock: { ...systemClock, now: () => Date.now() + clockOffset },
  })
  const events = countEvents(engine)
  await eventually(async () => {
    await engine.ready()
    return true
  }, LONGEST_START)
  return {
    actor: new Actor(engine, new Journal(name)),
    engine,
    sample: () => takeSample(engine, events),
    async close() {
      await engine.close()
      await pool.end()
    },
  }
}

function countEvents(engine: SessionEngine): Sample['events'] {
  const counts: Record<string, number> = {}
  for (const name of COUNTED) engine.on(name, () => (counts[name] = (counts[name] ?? 0) + 1))
  return counts
}

async function takeSample(engine: SessionEngine, events: Sample['events']): Promise<Sample> {
  const { status, queues } = await engine.health()
  return { status, queues, heapUsed: heapInUse(), events }
}

/** After a collection, which takes its time: who asks often is told of the last one. */
function heapInUse(): number {
  const now = performance.now()
  if (now - collectedAt > COLLECT_EVERY) {
    collectedAt = now
    // There where the worker was started with --expose-gc.
    globalThis.gc?.()
    heapUsed = process.memoryUsage().heapUsed
  }
  return heapUsed
}

let collectedAt = -Infinity
let heapUsed = 0
