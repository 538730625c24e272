import { eventually } from '../scene/eventually.js'
import type { Mix } from '../worker/commands.js'
import type { Fault } from './scenario.js'
import type { Stage } from './stage.js'

/** What one worker does in a script, and for how long. */
export interface Work {
  readonly worker: number
  readonly ms: number
  readonly mix: Partial<Mix>

  /** Default: {@link labels}. */
  readonly sessions?: readonly string[]

  /** How many operations are under way. Default 4. */
  readonly concurrency?: number
}

/** The longest rest after an operation, ms: shorter than usual where many seeds are played, which have their time. */
const REST = Number(process.env['CHAOS_SEEDS'] ?? 1) > 1 ? 16 : undefined

const IDLE: Mix = { read: 0, write: 0, touch: 0, destroy: 0 }

/** The labels of so many sessions: by default twelve. */
export function labels(count = 12): readonly string[] {
  return Array.from({ length: count }, (_, number) => `s${number}`)
}

/** One worker does a part of everything, until its time is over. */
export async function work(stage: Stage, part: Work): Promise<void> {
  const { worker, ms, mix, sessions = labels(), concurrency = 4 } = part
  const seed = stage.random.below(2 ** 31)
  const rest = REST !== undefined && { rest: REST }
  const workload = { seed, sessions, concurrency, ms, mix: { ...IDLE, ...mix }, ...rest }
  await stage.workers[worker]!.process.ask({ do: 'work', workload })
}

/** Several workers work at once. */
export async function workTogether(stage: Stage, parts: readonly Work[]): Promise<void> {
  await Promise.all(parts.map((part) => work(stage, part)))
}

/** One worker does the same with each of these sessions, once. */
export async function withEach(
  stage: Stage,
  kind: 'read' | 'write' | 'destroy',
  { worker, sessions = labels() }: Pick<Work, 'worker' | 'sessions'>,
): Promise<void> {
  const { process } = stage.workers[worker]!
  await Promise.all(sessions.map((session) => process.ask({ do: kind, session })))
}

/** One worker begins these sessions, and Redis holds them then. */
export async function seed(stage: Stage, part: Pick<Work, 'worker' | 'sessions'>): Promise<void> {
  // A session that was looked for before it began is not put into Redis at once: the token of that read stands there.
  for (const kind of ['write', 'write', 'read'] as const) await withEach(stage, kind, part)
}

/** Begins a fault, which lasts until {@link end}, or what heals everything at last. */
export async function begin(stage: Stage, fault: Fault): Promise<void> {
  stage.note(`${fault.name}: begins`)
  await fault.begin(stage)
}

/** Ends a fault. */
export async function end(stage: Stage, fault: Fault): Promise<void> {
  await fault.end?.(stage)
  stage.note(`${fault.name}: ends`)
}

/** Resolves when so many statements wait in Postgres for a lock. */
export async function waitForLock(stage: Stage, statements: number): Promise<void> {
  await eventually(async () => {
    const waiting = await stage.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return waiting.length === statements
  })
}

/** Resolves when so many clients are connected to a Redis, beside the coordinator's own. */
export async function connected(
  { servers }: Stage,
  clients: number,
  admin = servers.admin,
): Promise<void> {
  await eventually(async () => {
    const list = String(await admin.client('LIST'))
    return list.trim().split('\n').length > clients
  })
}
