import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { repliesDropped } from './scheduler/network-faults.js'
import { lasting } from './scheduler/outages.js'
import { play } from './scheduler/play.js'
import {
  CANCELLED,
  cancelledAgain,
  copied,
  exhausted,
  RESTORED,
  restored,
} from './scheduler/postgres-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import { frozen, killed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { sinceRestored } from './scheduler/since-restored.js'
import { staleBy } from './scheduler/stale-by-tier.js'

/**
 * Postgres is the truth, and what it answers is never out of date. Redis may be, where a commit happened of which nobody
 * was told: until a repair is applied, each second; the other one is for a machine that has much else to do.
 */
const STALENESS = staleBy({ redis: 2_000 })

/** Nothing hangs. It is no measure of speed: two cores may have much to do, and a conflict is tried again. */
const LATENCY = { read: 2_000, write: 4_000, destroy: 3_000 }
/** However busy the machine is. */
const USUAL = { read: 20, write: 8 }
const DOWN_FOR = lasting(3_000, 30_000)
const A_REPLY_DROPPED = 'a reply of postgres dropped'

/** The longest rest after an operation, ms: whatever is broken meets one that is under way. */
const BUSY = 16

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: { settings: { max_connections: '40' } } })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'are written once where Postgres is frozen, clients give up, and it goes on',
    options: () => ({ ledgerTimeout: 300 }),
    // So many that some are left as they were written, of which nobody knew.
    load: {
      ms: 1_700,
      rest: BUSY,
      sessions: 36,
      mix: { read: 5, write: 4, touch: 1, destroy: 0.3 },
    },
    faults: [{ fault: frozen('postgres'), at: [200, 400], lasts: 800 }],
    expect: { ok: USUAL, failed: 8, tiers: { redis: 5 }, events: { 'ledger-failure': 5 } },
    bounds: { staleness: STALENESS, latency: LATENCY },
  },
  {
    name: 'are written once where replies are lost after the commit and connections reset',
    load: { ms: 1_500, rest: BUSY },
    faults: [100, 300, 500, 700, 900, 1_100].map((at) => ({
      fault: repliesDropped('postgres', 1),
      at: [at, at + 100],
    })),
    expect: { ok: USUAL, faults: { [A_REPLY_DROPPED]: 4 } },
    bounds: { staleness: STALENESS, latency: LATENCY, losesReplies: true },
  },
  {
    name: 'keep what is acknowledged after Postgres was restored to an older copy',
    load: { ms: 1_500, rest: BUSY, sessions: 6, mix: { read: 3, write: 3, touch: 1, destroy: 0 } },
    faults: [
      { fault: copied(), at: [300, 400] },
      { fault: restored(), at: [700, 800] },
    ],
    expect: { ok: USUAL, faults: { [RESTORED]: 1 } },
    bounds: { staleness: 0 },
    judged: sinceRestored,
  },
  {
    name: 'lose nothing that was acknowledged while Postgres is down for long',
    load: { ms: DOWN_FOR + 800, rest: BUSY },
    faults: [{ fault: killed('postgres'), at: [200, 300], lasts: DOWN_FOR }],
    expect: { ok: USUAL, failed: 40, tiers: { redis: 10 }, events: { 'ledger-failure': 20 } },
    bounds: { staleness: STALENESS, latency: LATENCY },
  },
  {
    name: 'lose nothing that was acknowledged while others have all connections to Postgres',
    load: { ms: 1_500, rest: BUSY },
    faults: [{ fault: exhausted(), at: [200, 300], lasts: [500, 600] }],
    expect: { ok: USUAL, failed: 8, tiers: { redis: 5 }, events: { 'ledger-failure': 5 } },
    bounds: { staleness: STALENESS, latency: LATENCY },
  },
  {
    name: 'lose nothing that was acknowledged while statements are cancelled again and again',
    load: { ms: 1_400, rest: BUSY },
    faults: [{ fault: cancelledAgain(20), at: 150, lasts: 900 }],
    expect: { ok: USUAL, failed: 3, faults: { [CANCELLED]: 10 }, events: { 'ledger-failure': 3 } },
    bounds: { staleness: STALENESS, latency: LATENCY },
  },
  {
    name: 'lose nothing that was acknowledged while Redis and Postgres are both down, and both back',
    load: { ms: 1_800, rest: BUSY },
    faults: [
      { fault: killed('redis'), at: [200, 300], lasts: [500, 700] },
      { fault: killed('postgres'), at: [300, 400], lasts: [200, 500] },
    ],
    expect: {
      ok: USUAL,
      failed: 15,
      events: { 'ledger-failure': 5, 'cache-failure': 5, 'cache-state': 2 },
    },
    bounds: { staleness: STALENESS, latency: LATENCY },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})
