import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { play } from './scheduler/play.js'
import { crowded } from './scheduler/redis-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, labels, seed, withEach } from './scheduler/script-steps.js'
import { flushed, outOfMemory } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { staleBy } from './scheduler/stale-by-tier.js'

/** As long as a repair may take: workers give a Redis that refuses much up one after the other. */
const REPAIRED_WITHIN = 2_000

/** Nothing is late, however busy the machine is: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = () => ({ redisTimeout: 1_000 })

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'are as they were while Redis is flushed again and again',
    workers: 3,
    options: PATIENT,
    load: { ms: 1_400, sessions: 6, mix: { read: 5, write: 4, touch: 1, destroy: 0.3 } },
    faults: Array.from({ length: 30 }, (_, number) => ({
      fault: flushed(),
      at: 100 + number * 40,
    })),
    expect: {
      ok: { read: 30, write: 8 },
      tiers: { redis: 1, postgres: 8 },
    },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'stay dead whose tombstone Redis forgot before Postgres had one',
    options: () => ({ ...PATIENT(), ledgerTimeout: 5_000 }),
    async script(stage) {
      const { process } = stage.workers[0]!
      const sessions = ['s0']
      const step = 'ledger.revoke'
      await seed(stage, { worker: 0, sessions })
      await process.ask({ do: 'hold', step, when: 'before' })
      const destroying = process.ask({ do: 'destroy', session: 's0' })
      await process.ask({ do: 'reached', step })
      await begin(stage, flushed())
      for (const worker of [1, 1]) await withEach(stage, 'read', { worker, sessions })
      await process.ask({ do: 'release', step })
      await destroying
      for (const worker of [0, 1]) await withEach(stage, 'read', { worker, sessions })
    },
    expect: { ok: { read: 7, write: 2, destroy: 1 }, tiers: { postgres: 1 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'are as they were while Redis throws out what it has no room for',
    options: PATIENT,
    load: { ms: 1_600, sessions: 60, mix: { read: 4, write: 5, touch: 1, destroy: 0.3 } },
    faults: [{ fault: crowded(), at: 600, lasts: 900 }],
    expect: { ok: { read: 20, write: 12 }, tiers: { redis: 1 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'lose nothing under load while Redis is out of memory',
    load: { ms: 1_600 },
    faults: [{ fault: outOfMemory(), at: [200, 400], lasts: [600, 800] }],
    expect: {
      ok: { read: 20, write: 8 },
      tiers: { postgres: 10 },
      events: { 'cache-failure': 4 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are not out of date at once where Redis has no room for what is newer',
    options: PATIENT,
    async script(stage) {
      await seed(stage, { worker: 0 })
      await begin(stage, outOfMemory())
      for (const session of labels()) {
        // One after the other: five refusals in a row would be reason enough to leave Redis alone.
        await withEach(stage, 'write', { worker: 0, sessions: [session] })
        await withEach(stage, 'read', { worker: 1, sessions: [session] })
      }
      await withEach(stage, 'destroy', { worker: 0 })
      await withEach(stage, 'read', { worker: 1 })
      await stage.servers.admin.config('SET', 'maxmemory', '0')
    },
    expect: { ok: { read: 36, write: 36, destroy: 12 }, events: { 'cache-failure': 12 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})
