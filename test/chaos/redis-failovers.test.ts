import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { play } from './scheduler/play.js'
import {
  failedOver,
  LEADER,
  replaced,
  startReplica,
  type Replica,
} from './scheduler/replica-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import {
  begin,
  connected,
  end,
  labels,
  seed,
  withEach,
  workTogether,
} from './scheduler/script-steps.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { staleBy } from './scheduler/stale-by-tier.js'

/** As long as a repair may take: one worker is led elsewhere sooner than another. */
const REPAIRED_WITHIN = 2_000
const WORKERS = [0, 1] as const
const DESTROYED = labels(4)

/** The first worker remembers sessions, the other does not. */
const NEAR = (worker: number) => ({ near: worker === 0 })

let servers: Servers
let replica: Replica

beforeAll(async () => {
  ;[servers, replica] = await Promise.all([
    openServers({ redis: { args: LEADER }, postgres: 'shared' }),
    startReplica(),
  ])
})

afterAll(() => Promise.all([servers.close(), replica.stop()]))

const scenarios: readonly Scenario[] = [
  {
    name: 'are soon seen as they were written while a replica stands in the place of the primary',
    options: NEAR,
    load: { ms: 1_700 },
    faults: [{ fault: replaced(() => replica), at: [200, 300], lasts: [600, 800] }],
    expect: {
      ok: { read: 20, write: 8 },
      tiers: { postgres: 10 },
      events: { 'cache-failure': 4, repaired: 1 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'go on under load while a replica is promoted that is behind, and the old primary follows it',
    options: NEAR,
    load: { ms: 1_900 },
    faults: [
      {
        fault: failedOver(
          () => replica,
          () => delay(150),
        ),
        at: [200, 300],
        lasts: [400, 600],
      },
    ],
    expect: { ok: { read: 20, write: 8 }, tiers: { postgres: 10 }, events: { 'cache-failure': 2 } },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are as they are, and not as a promoted replica has them that was behind',
    // Nothing is late, however busy the machine is: so nothing may be out of date.
    options: (worker) => ({ ...NEAR(worker), redisTimeout: 1_000 }),
    async script(stage) {
      await seed(stage, { worker: 1 })
      const fault = failedOver(
        () => replica,
        async () => {
          await withEach(stage, 'write', { worker: 1 })
          await withEach(stage, 'destroy', { worker: 0, sessions: DESTROYED })
        },
      )
      await begin(stage, fault)
      await connected(stage, WORKERS.length, replica.admin)
      await workTogether(stage, readers(300))
      await end(stage, fault)
      await connected(stage, WORKERS.length)
      await workTogether(stage, readers(200))
    },
    expect: { ok: { read: 60, write: 36, destroy: DESTROYED.length }, tiers: { postgres: 8 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

function readers(ms: number) {
  return WORKERS.map((worker) => ({ worker, ms, mix: { read: 1 } }))
}
