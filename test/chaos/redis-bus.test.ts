import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { busChannel, createKeys } from '../../src/drivers/redis/keys.js'
import { blackholed, cut } from './scheduler/network-faults.js'
import { eventually } from './scene/eventually.js'
import { play } from './scheduler/play.js'
import { subscribersKilledAgain } from './scheduler/redis-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, end, labels, seed, withEach, work, workTogether } from './scheduler/script-steps.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stage } from './scheduler/stage.js'
import { staleBy } from './scheduler/stale-by-tier.js'

/** A message takes milliseconds; on two cores that have much else to do, a process waits for its turn. */
const HEARD_WITHIN = 250

/** As old as the last heartbeat that was heard may be; then nothing is believed without one. */
const UNHEARD_FOR = 3_000

/** Redis itself is not out of date, for nothing is late; an entry lives longer than a subscriber may be deaf. */
const NEAR = () => ({ near: { maxAge: 5_000 }, redisTimeout: 1_000 })
const LOAD = { ms: 1_500, sessions: 8, mix: { read: 10, write: 2, touch: 1, destroy: 0.3 } }
const USUAL = { read: 30, write: 5 }

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'remembered in each process are out of date for no longer than a message takes',
    workers: 3,
    options: NEAR,
    load: LOAD,
    expect: { ok: USUAL, tiers: { near: 10 } },
    bounds: { nothingFails: true, staleness: staleBy({ near: HEARD_WITHIN }) },
  },
  {
    name: 'are not believed from memory while nothing can be heard, nor what was remembered before',
    options: NEAR,
    load: LOAD,
    faults: [
      { fault: cut('redis', { only: 'subscribers' }), at: [200, 300], lasts: [200, 300] },
      { fault: cut('redis', { only: 'subscribers' }), at: [900, 1_000], lasts: [100, 200] },
    ],
    expect: { ok: USUAL, tiers: { near: 10, redis: 10 }, events: { 'cache-failure': 2 } },
    bounds: { nothingFails: true, staleness: staleBy({ near: HEARD_WITHIN }) },
  },
  {
    name: 'are out of date for no longer than a process can be deaf without noticing',
    options: NEAR,
    async script(stage) {
      await workTogether(stage, [
        { worker: 0, ms: 300, mix: { read: 1, write: 2 } },
        { worker: 1, ms: 300, mix: { read: 1 } },
      ])
      await begin(
        stage,
        blackholed('redis', { worker: 1, only: 'subscribers', direction: 'replies' }),
      )
      await Promise.all([
        work(stage, { worker: 0, ms: 1_200, mix: { read: 1, write: 2 } }),
        withEach(stage, 'destroy', { worker: 0, sessions: ['s10', 's11'] }),
        work(stage, { worker: 1, ms: 4_200, mix: { read: 1 } }),
      ])
    },
    expect: { ok: { read: 100, write: 20, destroy: 2 }, tiers: { near: 40, redis: 20 } },
    bounds: { nothingFails: true, staleness: staleBy({ near: UNHEARD_FOR }) },
  },
  {
    name: 'are not remembered from before nothing could be heard',
    options: NEAR,
    async script(stage) {
      const [writer, reader] = [0, 1]
      await heardBy(stage, 2)
      await seed(stage, { worker: writer })
      await withEach(stage, 'read', { worker: reader })
      const fault = cut('redis', { worker: reader, only: 'subscribers' })
      await begin(stage, fault)
      await withEach(stage, 'write', { worker: writer, sessions: labels(9) })
      await withEach(stage, 'destroy', { worker: writer, sessions: labels(4) })
      await end(stage, fault)
      await heardBy(stage, 2)
      for (let time = 0; time < 2; time++) await withEach(stage, 'read', { worker: reader })
    },
    // What was read again is remembered again: the bus is healthy.
    expect: { ok: { read: 60, write: 33, destroy: 4 }, tiers: { near: 20, redis: 8 } },
    bounds: { nothingFails: true, staleness: 0 },
  },
  {
    name: 'are not out of date while the subscribers are killed again and again',
    options: NEAR,
    load: LOAD,
    faults: [{ fault: subscribersKilledAgain(150), at: 200, lasts: 1_000 }],
    expect: { ok: USUAL, tiers: { near: 5, redis: 10 } },
    bounds: { nothingFails: true, staleness: staleBy({ near: HEARD_WITHIN }) },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** Resolves when so many workers are subscribed, and have heard of it. */
async function heardBy({ servers: { admin }, prefix }: Stage, workers: number): Promise<void> {
  const channel = busChannel(createKeys({ prefix, context: 'web' }))
  await eventually(async () => (await admin.pubsub('NUMSUB', channel))[1] === workers)
  await delay(HEARD_WITHIN)
}
