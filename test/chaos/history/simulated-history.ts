import { createRandom, type Random } from '../../model/random.js'
import type { Bounds } from './bounds.js'
import { groupBy } from './group-by.js'
import type {
  Completion,
  HistoryEvent,
  Invocation,
  OperationKind,
  SampleEvent,
} from './operation.js'
import type { WorkerLog } from './parse-logs.js'
import { SimulatedSession, type Answer, type Plan } from './simulated-store.js'

/** How large a history is, and what may happen in it. */
export interface Size {
  readonly operations: number
  readonly sessions: number

  /** Out-of-date reads, ms. */
  readonly staleness: number

  /** Whether all is read once more, exactly, when it is quiet. */
  readonly endsQuietly: boolean
}

/** A history that keeps the invariants within its bounds. */
export interface SimulatedHistory {
  readonly events: readonly HistoryEvent[]
  readonly bounds: Bounds
  readonly killed: ReadonlySet<string>
}

const WORKERS = ['one', 'two', 'three']
const KILLED = 'three'
const LONGEST = 12

/** Makes the history of a seed: the same each time. */
export function simulateHistory(seed: number, size: Partial<Size> = {}): SimulatedHistory {
  const { operations = 100, sessions = 4, staleness = 0 } = size
  const { endsQuietly = false } = size
  const random = createRandom(seed)
  const span = operations * 3
  const expiry = new Map<string, number>()
  const store = Array.from({ length: sessions }, (_, index) => {
    const expiresAt = index % 4 === 3 ? span * random.fraction() : Infinity
    expiry.set(`s${index}`, expiresAt)
    return new SimulatedSession(`s${index}`, expiresAt, random)
  })
  const killedAt = span * (0.5 + random.fraction())
  const plans = Array.from({ length: operations }, (_, index) =>
    plan({ index, span, sessions, killedAt }, random),
  )
  const scene = { store, staleness, random }
  const answers = run(plans, scene)
  const events = plans.flatMap((one) => eventsOf(one, answers.get(one) ?? {}, killedAt))
  const quiet = endsQuietly ? quietReadsOf(store, span + 9 * LONGEST) : []
  const finals = finalsOf(store, span + 10 * LONGEST)
  return {
    events: [...events, ...samplesOf(span, random), ...quiet, ...finals],
    killed: new Set([KILLED]),
    bounds: {
      readsAcknowledge: true,
      staleness,
      expiry: (session) => expiry.get(session),
      latency: { read: LONGEST, write: LONGEST, touch: LONGEST, destroy: LONGEST, final: 1 },
      queues: { commits: 128, repairs: 64 },
      heapUsed: 1e8,
    },
  }
}

/** The same, as its workers log it. The killed worker's last line is torn. */
export function logsOf({ events, killed }: SimulatedHistory): WorkerLog[] {
  const workers = new Map<string, string>()
  for (const event of events)
    if (event.type === 'invoke') workers.set(event.operation, event.worker)
  const workerOf = (event: HistoryEvent) => {
    if ('worker' in event) return event.worker
    return 'operation' in event ? workers.get(event.operation)! : 'coordinator'
  }
  return Array.from(groupBy(events, workerOf), ([worker, own]) => {
    const lines = own.toSorted((a, b) => a.at - b.at).map((event) => `${JSON.stringify(event)}\n`)
    const isKilled = killed.has(worker)
    return { worker, isKilled, text: lines.join('') + (isKilled ? '{"type":"ok","ope' : '') }
  })
}

interface PlanOptions {
  readonly index: number
  readonly span: number
  readonly sessions: number
  readonly killedAt: number
}

function plan(options: PlanOptions, random: Random): Plan {
  const { index, span, sessions, killedAt } = options
  const at = span * random.fraction()
  const took = 0.1 + random.fraction() * (LONGEST - 0.2)
  const worker = WORKERS[random.below(at < killedAt ? 3 : 2)]!
  const kind = chooseKind(random)
  const fate = chooseFate(random)
  // What nobody waits for any more may still happen, later.
  const latest = fate === 'lost' ? 8 * took : took
  const effectAt = at + latest * random.fraction()
  const key = kind === 'write' && random.chance(0.9) ? { key: `k${index}` } : {}
  const session = `s${random.below(sessions)}`
  return {
    invocation: {
      type: 'invoke',
      operation: `${worker}-${index}`,
      worker,
      kind,
      session,
      at,
      ...key,
    },
    endsAt: at + took,
    fate,
    effectAt,
  }
}

function chooseKind(random: Random): OperationKind {
  const chance = random.fraction()
  if (chance < 0.5) return 'read'
  if (chance < 0.9) return 'write'
  return chance < 0.96 ? 'touch' : 'destroy'
}

function chooseFate(random: Random): Plan['fate'] {
  const chance = random.fraction()
  if (chance < 0.8) return 'ok'
  if (chance < 0.9) return 'lost'
  return chance < 0.95 ? 'unknown' : 'fail'
}

interface Scene {
  readonly store: readonly SimulatedSession[]
  readonly staleness: number
  readonly random: Random
}

/** Lets everything take effect in its order, and answers what the last effect of each came to. */
function run(plans: readonly Plan[], { store, staleness, random }: Scene): Map<Plan, Answer> {
  const sessions = new Map(store.map((session) => [session.name, session]))
  const effects = plans.map((one) => ({ at: one.effectAt, one }))
  const answers = new Map<Plan, Answer>()
  for (const { at, one } of effects.sort((a, b) => a.at - b.at)) {
    const { kind, session: name } = one.invocation
    const session = sessions.get(name)!
    const hasEffect = one.fate === 'ok' || one.fate === 'lost'
    if (kind === 'read') answers.set(one, session.read(at - staleness * random.fraction()))
    else if (kind === 'destroy') answers.set(one, hasEffect ? session.destroy(at) : {})
    else if (kind === 'write' && hasEffect) answers.set(one, session.write(one.invocation, at))
    if (kind === 'destroy' && !hasEffect) session.refuse(at)
  }
  return answers
}

function eventsOf({ invocation, endsAt, fate }: Plan, answer: Answer, killedAt: number) {
  const { operation, worker } = invocation
  if (worker === KILLED && endsAt >= killedAt) return [invocation]
  const end = { operation, at: endsAt }
  const completion: Completion =
    fate === 'ok'
      ? { type: 'ok', ...end, ...answer }
      : { type: fate === 'fail' ? 'fail' : 'unknown', ...end, error: 'LedgerUnavailableError' }
  return [invocation, completion]
}

function samplesOf(span: number, random: Random): SampleEvent[] {
  return WORKERS.slice(0, 2).flatMap((worker) =>
    [0, 0.5, 1].map((part) => ({
      type: 'sample',
      worker,
      at: span * part,
      queues: { commits: random.below(129), repairs: random.below(65) },
      heapUsed: random.below(1e8),
    })),
  )
}

function quietReadsOf(store: readonly SimulatedSession[], at: number): HistoryEvent[] {
  const reads = store.flatMap((session): HistoryEvent[] => {
    const operation = `${WORKERS[0]}-quiet-${session.name}`
    const asked = { operation, worker: WORKERS[0]!, session: session.name } as const
    return [
      { type: 'invoke', kind: 'read', ...asked, at: at + 1 },
      { type: 'ok', operation, at: at + 2, ...session.final(at) },
    ]
  })
  return [{ type: 'quiet', at }, ...reads]
}

function finalsOf(store: readonly SimulatedSession[], at: number): HistoryEvent[] {
  return store.flatMap((session) => {
    const operation = `final-${session.name}`
    const invocation: Invocation = {
      ...{ type: 'invoke', kind: 'final', worker: 'coordinator' },
      ...{ operation, session: session.name, at },
    }
    return [invocation, { type: 'ok', operation, at: at + 0.5, ...session.final(at) }]
  })
}
