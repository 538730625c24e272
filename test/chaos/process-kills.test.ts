import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import type { Operation } from './history/history.js'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, labels, withEach } from './scheduler/script-steps.js'
import { flushed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stop } from './scheduler/slow-operation.js'
import type { Stage, StageWorker } from './scheduler/stage.js'
import type { Step } from './worker/commands.js'

/** Nobody may find out that what waits at a step is late: the worker is killed there. */
const PATIENT = () => ({ redisTimeout: 20_000, ledgerTimeout: 20_000 })

/** So long a record is believed that nobody has confirmed. */
const LEASE = 60_000

/** A touch is persisted within a second; the rest is for a machine that has much else to do. ms. */
const TOUCHED_WITHIN = 1_500

/** What a worker was about when it was killed: its last step. Only few can be held at once, so it takes four workers. */
interface Death {
  readonly kind: 'read' | 'touch' | 'write' | 'begin' | 'destroy'

  /** All but the last are passed. */
  readonly stops: readonly Stop[]
}

/** By the worker that dies. A statement that is held keeps its lane, so what has to pass that step comes before. */
const deaths: readonly (readonly Death[])[] = [
  [
    ...at('before', 'ledger.touch', 'touch'),
    ...at('before', 'cache.put', 'read', 'write', 'begin'),
    ...at('before', 'cache.bury', 'destroy'),
    ...at('before', 'ledger.commit', 'write', 'begin'),
    ...at('before', 'ledger.revoke', 'destroy'),
  ],
  [
    ...at('after', 'ledger.touch', 'touch'),
    ...at('after', 'cache.put', 'read', 'write', 'begin'),
    ...at('after', 'cache.bury', 'destroy'),
    ...at('after', 'ledger.commit', 'write', 'begin'),
    ...at('after', 'ledger.revoke', 'destroy'),
  ],
  [
    ...at('before', 'cache.touch', 'touch'),
    ...at('before', 'cache.read', 'read'),
    ...at('before', 'cache.reserve', 'read', 'begin'),
    secondBurial('before'),
    ...at('before', 'ledger.read', 'read'),
  ],
  [
    ...at('after', 'cache.touch', 'touch'),
    ...at('after', 'cache.read', 'read'),
    ...at('after', 'cache.reserve', 'read', 'begin'),
    secondBurial('after'),
    ...at('after', 'ledger.read', 'read'),
  ],
]

const SURVIVOR = deaths.length
const SURVIVOR_OF_TWO = 1
const isIn = (kinds: readonly Death['kind'][]) => (death: Death) => kinds.includes(death.kind)
const labelsOf = (isOne: (death: Death) => boolean) =>
  deaths.flatMap((all, victim) => all.filter(isOne).map((death) => labelOf(death, victim)))

/** Committed, and Redis not told: whoever knew of it is dead. */
const untold = labelsOf(({ kind, stops }) => {
  const { step, when } = stops.at(-1)!
  const isBetween = when === 'after' ? step === 'ledger.commit' : step === 'cache.put'
  return kind === 'write' && isBetween
})

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const wholeAtEveryStep: Scenario = {
  name: 'are whole, whatever step of whatever operation the worker was killed at',
  workers: deaths.length + 1,
  options: PATIENT,
  async script(stage) {
    const reads = labelsOf(isIn(['read']))
    const others = labelsOf(isIn(['touch', 'write', 'destroy']))
    await beginAll(stage, reads)
    await begin(stage, flushed())
    await beginAll(stage, others)
    await Promise.all(deaths.map((all, victim) => holdAll(stage.workers[victim]!, all, victim)))
    const all = labelsOf(() => true)
    await withEach(stage, 'read', { worker: SURVIVOR, sessions: all })
    await Promise.all(deaths.map((_, victim) => stage.kill(stage.workers[victim]!)))
    stage.note(`${deaths.length} workers killed`)
    for (const kind of ['read', 'write', 'read'] as const) {
      await withEach(stage, kind, { worker: SURVIVOR, sessions: all })
    }
  },
  expect: {
    ok: { read: 200, write: 40 },
    // What has no end: a write or a begin before its commit, at it and after it, a destroy, and few reads.
    failed: labelsOf(isIn(['write', 'begin', 'destroy'])).length,
    faults: { '4 workers killed': 1 },
  },
  bounds: { nothingFails: true, staleness: untilTheLease, settled: untilTheLease },
}

const touchedBefore: Scenario = {
  name: 'keep the touches of a worker that is killed, but for those of the last second',
  async script(stage) {
    const [victim] = stage.workers
    const touched = labels(8)
    await withEach(stage, 'write', { worker: SURVIVOR_OF_TWO, sessions: touched })
    await victim!.process.ask({ do: 'touch all', sessions: touched })
    await delay(TOUCHED_WITHIN)
    await stage.kill(victim!)
    // What was written lives for an hour, what was touched for half an hour more at least.
    const persisted = await stage.query(
      `select from sessions where "expiresAt" > timezone('utc', now()) + interval '80 minutes'`,
    )
    if (persisted.length !== touched.length) {
      throw new Error(`Of ${touched.length} touches ${persisted.length} were persisted`)
    }
  },
  expect: { ok: { write: 8, touch: 8 } },
  bounds: { nothingFails: true },
}

describe('sessions', () => {
  it.each([wholeAtEveryStep, touchedBefore])('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

function untilTheLease({ session, seen }: Operation): number {
  return seen?.tier === 'redis' && untold.includes(session) ? LEASE : 0
}

function at(when: Stop['when'], step: Step, ...kinds: readonly Death['kind'][]): readonly Death[] {
  return kinds.map((kind) => ({ kind, stops: [{ step, when }] }))
}

/** A destroy tells Redis twice: before and after the ledger has it. */
function secondBurial(when: Stop['when']): Death {
  const revoked: Stop = { step: 'ledger.revoke', when: 'after' }
  return { kind: 'destroy', stops: [revoked, { step: 'cache.bury', when }] }
}

function labelOf({ kind, stops }: Death, victim: number): string {
  const { step, when } = stops.at(-1)!
  return `${kind} ${when} ${step} by ${victim}`
}

async function beginAll({ workers }: Stage, sessions: readonly string[]): Promise<void> {
  const { process } = workers[SURVIVOR]!
  await Promise.all(sessions.map((session) => process.ask({ do: 'begin', session })))
}

/** One after the other gets to its step, and stays there. */
async function holdAll(worker: StageWorker, all: readonly Death[], victim: number): Promise<void> {
  const { process } = worker
  for (const death of all) {
    const [session, command] = [labelOf(death, victim), death.kind]
    for (const [index, stop] of death.stops.entries()) {
      await process.ask({ do: 'hold', ...stop })
      // Its end does not come.
      if (index === 0) process.ask({ do: command, session }).catch(() => {})
      else await process.ask({ do: 'release', step: death.stops[index - 1]!.step })
      await process.ask({ do: 'reached', step: stop.step })
    }
  }
}
