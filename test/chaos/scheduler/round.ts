import { setTimeout as delay } from 'node:timers/promises'
import type { EncryptionOptions } from '../../../src/index.js'
import type { Random } from '../../model/random.js'
import { toHistory, type History } from '../history/history.js'
import type { Mix } from '../worker/commands.js'
import { monotonicNow } from '../worker/journal.js'
import { readFinalStates } from './final-states.js'
import type { Load, Scenario, Span, TimedFault } from './scenario.js'
import type { Stage, StageWorker } from './stage.js'

const USUAL_MIX: Mix = { read: 6, write: 3, touch: 1, destroy: 0.3 }
const LOOK_AGAIN = 20
const SAMPLE_EVERY = 250

/** What goes on in a round. */
export type Round = Pick<Scenario, 'load' | 'faults' | 'script'>

/**
 * Plays load and faults together, until everything is mended and quiet; then each worker reads every session once more,
 * and the ledger is asked itself. The stage can be used for another round, whose sessions have other names.
 */
export async function playRound(
  stage: Stage,
  round: Round,
  encryption?: EncryptionOptions,
): Promise<History> {
  await playWithFaults(stage, round)
  await stage.heal()
  await stage.quiet()
  stage.events.push({ type: 'quiet', at: monotonicNow() })
  const labels = labelsIn(stage)
  await readEverywhere(stage, labels)
  stage.events.push(...(await readFinalStates(stage, labels, encryption)))
  await stage.sample()
  const history = toHistory(stage.events.splice(0), new Set(stage.killed))
  stage.killed.clear()
  return history
}

/** Load and faults together; what failed is told when all have ended. */
async function playWithFaults(stage: Stage, round: Round): Promise<void> {
  const { load, faults = [], script } = round
  const over = new AbortController()
  const work = Promise.all(load ? stage.workers.map((worker) => keepBusy(stage, worker, load)) : [])
  const parts = [
    ...faults.map((fault) => makeFault(stage, fault, over.signal)),
    Promise.resolve(script?.(stage)),
    work.finally(() => over.abort()),
    ...(load ? [keepSampling(stage, over.signal)] : []),
  ]
  for (const part of await Promise.allSettled(parts)) {
    if (part.status === 'rejected') throw part.reason
  }
}

async function keepBusy(stage: Stage, worker: StageWorker, load: Load): Promise<void> {
  const { names = 's', sessions = 12, concurrency = 8, rest, mix = USUAL_MIX } = load
  const labels = Array.from({ length: sessions }, (_, number) => `${names}${number}`)
  const until = performance.now() + load.ms
  for (let left = load.ms; left > 0; left = until - performance.now()) {
    const { process } = worker
    const seed = stage.random.below(2 ** 31)
    const workload = {
      ...{ seed, sessions: labels, concurrency, ms: left, mix, settlesOver: load.ms },
      ...(rest !== undefined && { rest }),
    }
    try {
      await process.ask({ do: 'work', workload })
    } catch (error) {
      const hasEndedByItself = !worker.isAway && worker.process === process
      if (process.isRunning || hasEndedByItself) throw error
      while (worker.isAway && performance.now() < until) await delay(LOOK_AGAIN)
    }
  }
}

/** How much waits while all is broken; who is frozen, or killed, tells nothing, and is not waited for. */
async function keepSampling(stage: Stage, over: AbortSignal): Promise<void> {
  const asked = new Set<StageWorker>()
  while (!over.aborted) {
    for (const worker of stage.workers) {
      if (asked.has(worker)) continue
      asked.add(worker)
      void stage
        .sampleOf(worker)
        .catch(() => {})
        .finally(() => asked.delete(worker))
    }
    await delay(SAMPLE_EVERY, undefined, { signal: over }).catch(() => {})
  }
}

async function makeFault(stage: Stage, timed: TimedFault, over: AbortSignal): Promise<void> {
  const { fault, at, lasts } = timed
  const [start, duration] = [draw(at, stage.random), lasts && draw(lasts, stage.random)]
  await delay(start)
  stage.note(`${fault.name}: begins`)
  await fault.begin(stage)
  if (duration === undefined) return
  await delay(duration, undefined, { signal: over }).catch(() => {})
  await fault.end?.(stage)
  stage.note(`${fault.name}: ends`)
}

function draw(span: Span, random: Random): number {
  if (typeof span === 'number') return span
  const [from, to] = span
  return from + random.fraction() * (to - from)
}

function labelsIn({ events }: Stage): readonly string[] {
  const labels = new Set<string>()
  for (const event of events) if (event.type === 'invoke') labels.add(event.session)
  return [...labels]
}

async function readEverywhere({ workers }: Stage, labels: readonly string[]): Promise<void> {
  await Promise.all(
    workers.flatMap(({ process }) => labels.map((session) => process.ask({ do: 'read', session }))),
  )
}
