import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { repliesDropped, repliesSwapped, slow } from './scheduler/network-faults.js'
import { lasting } from './scheduler/outages.js'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { frozen } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { staleBy } from './scheduler/stale-by-tier.js'

/** As long as a repair may take: one worker gives Redis up, or believes it again, sooner than another. */
const REPAIRED_WITHIN = 2_000

/** A reply waits for another to change places with for 30 ms; and what it is then is as old. */
const SWAPPED_WITHIN = 100

/** Nothing hangs. It is no measure of speed: two cores may have much to do. */
const LATENCY = { read: 1_000, write: 2_000, destroy: 2_000 }

const FROZEN_FOR = lasting(1_900, 10_000)

/** However busy the machine is. */
const USUAL = { read: 20, write: 8 }

/** Nothing is late, however busy the machine is: so nothing has to be repaired. */
const PATIENT = () => ({ redisTimeout: 1_000 })

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'are served while Redis is frozen, and lose nothing when it goes on',
    load: { ms: FROZEN_FOR + 700 },
    faults: [{ fault: frozen('redis'), at: [200, 300], lasts: FROZEN_FOR }],
    expect: {
      ok: USUAL,
      tiers: { postgres: 10 },
      events: { 'cache-failure': 2, 'cache-state': 4 },
    },
    bounds: {
      nothingFails: true,
      staleness: staleBy({ redis: REPAIRED_WITHIN }),
      latency: LATENCY,
    },
  },
  {
    name: 'are served while Redis is slower by more than it may take',
    load: { ms: 1_400 },
    faults: [{ fault: slow('redis', 200), at: [200, 300], lasts: [600, 800] }],
    expect: {
      ok: USUAL,
      tiers: { postgres: 10 },
      events: { 'cache-failure': 2, 'cache-state': 4 },
    },
    bounds: {
      nothingFails: true,
      staleness: staleBy({ redis: REPAIRED_WITHIN }),
      latency: LATENCY,
    },
  },
  {
    name: 'are never out of date while Redis is slower by less than it may take',
    options: PATIENT,
    load: { ms: 1_400 },
    faults: [{ fault: slow('redis', 100), at: [200, 300], lasts: [600, 800] }],
    expect: { ok: USUAL, tiers: { postgres: 10 } },
    bounds: { nothingFails: true, staleness: 0, latency: LATENCY },
  },
  {
    name: 'lose nothing while replies of Redis are lost and its connections reset',
    load: { ms: 1_500, rest: 16 },
    faults: [100, 300, 500, 700, 900, 1_100].map((at) => ({
      fault: repliesDropped('redis', 2),
      at: [at, at + 100],
    })),
    expect: {
      ok: USUAL,
      events: { 'cache-failure': 6 },
      faults: { 'a reply of redis dropped': 4 },
    },
    bounds: {
      nothingFails: true,
      staleness: staleBy({ redis: REPAIRED_WITHIN }),
      latency: LATENCY,
    },
  },
  {
    name: "never show another visitor's data where replies of Redis change places",
    options: PATIENT,
    load: { ms: 1_400, concurrency: 12, rest: 16 },
    faults: [100, 300, 500, 700, 900, 1_100].map((at) => ({
      fault: repliesSwapped(10),
      at: [at, at + 100],
    })),
    expect: {
      ok: USUAL,
      tiers: { redis: 5 },
      events: { 'corrupt-record': 10 },
      faults: { 'two replies of redis swapped': 10 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: SWAPPED_WITHIN }), latency: LATENCY },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})
