import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { play } from './scheduler/play.js'
import { saved, setBack } from './scheduler/redis-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import {
  begin,
  connected,
  end,
  labels,
  seed,
  withEach,
  work,
  workTogether,
} from './scheduler/script-steps.js'
import { killed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { staleBy } from './scheduler/stale-by-tier.js'
import type { Stage } from './scheduler/stage.js'

/** As long as a repair may take: a worker may be slower than another to find out that Redis is back. */
const REPAIRED_WITHIN = 2_000

/** Nothing is late, however busy the machine is: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = () => ({ redisTimeout: 1_000 })
const WORKERS = [0, 1] as const

let servers: Servers

beforeAll(async () => {
  servers = await openServers()
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'go on under load while Redis is killed and comes back with an older snapshot',
    load: { ms: 1_600 },
    faults: [
      { fault: saved(), at: [250, 350] },
      { fault: setBack(), at: [500, 650], lasts: [50, 200] },
    ],
    expect: {
      ok: { read: 20, write: 8 },
      events: { 'cache-failure': 2, 'cache-state': 2 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are read as they are, and not as an older snapshot of Redis has them',
    options: PATIENT,
    async script(stage) {
      await changeAfterSnapshot(stage)
      const fault = setBack()
      await begin(stage, fault)
      await end(stage, fault)
      await connected(stage, WORKERS.length)
      await workTogether(stage, readers(400))
    },
    expect: { ok: { read: 60, write: 36 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'stay dead that were destroyed after the snapshot which Redis comes back with',
    options: PATIENT,
    async script(stage) {
      await seed(stage, { worker: 0 })
      await begin(stage, saved())
      await withEach(stage, 'destroy', { worker: 1 })
      const fault = setBack()
      await begin(stage, fault)
      await end(stage, fault)
      await connected(stage, WORKERS.length)
      await workTogether(stage, readers(300))
    },
    expect: { ok: { read: 60, write: 24, destroy: 12 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'are refused that only an older snapshot of Redis holds while Postgres is down',
    options: PATIENT,
    async script(stage) {
      await changeAfterSnapshot(stage)
      await withEach(stage, 'destroy', { worker: 0, sessions: labels(4) })
      const fault = setBack()
      await begin(stage, fault)
      await begin(stage, killed('postgres'))
      await end(stage, fault)
      await connected(stage, WORKERS.length)
      for (const worker of WORKERS) await withEach(stage, 'read', { worker })
    },
    // Each worker is refused each session.
    expect: { ok: { write: 36, destroy: 4 }, failed: WORKERS.length * labels().length },
    bounds: { staleness: 0 },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** Every session is in the snapshot, and every one is changed after it. */
async function changeAfterSnapshot(stage: Stage): Promise<void> {
  await seed(stage, { worker: 0 })
  await begin(stage, saved())
  await work(stage, { worker: 1, ms: 200, mix: { read: 1, write: 1 } })
  await withEach(stage, 'write', { worker: 1 })
}

function readers(ms: number) {
  return WORKERS.map((worker) => ({ worker, ms, mix: { read: 1 } }))
}
