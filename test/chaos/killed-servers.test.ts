import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { killed, workerKilled } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'

/** As long as a repair may take: a worker whose breaker is open yet writes past a Redis that others believe again. */
const REPAIRED_WITHIN = 2_000

/** However busy the machine is. */
const USUAL = { read: 20, write: 8, touch: 2 }

let servers: Servers

beforeAll(async () => {
  servers = await openServers()
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'lose nothing while Redis is killed and comes back empty',
    load: { ms: 1_200 },
    faults: [{ fault: killed('redis'), at: [200, 400], lasts: [200, 400] }],
    expect: {
      ok: USUAL,
      events: { 'cache-failure': 5, 'cache-state': 2 },
    },
    bounds: { nothingFails: true, staleness: REPAIRED_WITHIN },
  },
  {
    name: 'lose nothing that was acknowledged while Postgres is killed in mid-batch and restarted',
    load: { ms: 1_200 },
    faults: [{ fault: killed('postgres'), at: [200, 400], lasts: [50, 200] }],
    expect: { ok: USUAL, failed: 5 },
    bounds: { staleness: REPAIRED_WITHIN },
  },
  {
    name: 'lose nothing that was acknowledged by a worker that is killed',
    workers: 3,
    // Nothing is late, however busy the machine is: so nothing has to be repaired.
    options: () => ({ redisTimeout: 1_000 }),
    load: { ms: 1_200 },
    faults: [{ fault: workerKilled(1), at: [300, 500], lasts: [50, 200] }],
    expect: { ok: USUAL, failed: 1 },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})
