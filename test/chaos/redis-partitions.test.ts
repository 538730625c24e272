import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { createKeys } from '../../src/drivers/redis/keys.js'
import { OFFSETS, packTime } from '../../src/drivers/redis/record-format.js'
import { hashedIds } from '../../src/core/session-id.js'
import { blackholed, cut } from './scheduler/network-faults.js'
import { play } from './scheduler/play.js'
import { readOnly } from './scheduler/redis-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, end, labels, seed, withEach, work } from './scheduler/script-steps.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { staleBy } from './scheduler/stale-by-tier.js'
import type { Stage } from './scheduler/stage.js'
import { cookieIdOf } from './worker/actor.js'
import { monotonicNow } from './worker/journal.js'

/** Repairs are applied once a second; the other second is for a machine that has much else to do. */
const REPAIRED_WITHIN = 2_000

/** So long a record is believed that nobody has confirmed. */
const LEASE = 60_000

/** Longer than a repair may take: what is out of date then stays so. */
const LONG_ENOUGH = REPAIRED_WITHIN + 700
const CUT_OFF = 0
const READER = 1

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'are soon seen as a worker wrote them that alone is cut off from Redis',
    async script(stage) {
      await seed(stage, { worker: READER })
      await begin(stage, cut('redis', { worker: CUT_OFF }))
      await Promise.all([
        work(stage, { worker: CUT_OFF, ms: 400, mix: { read: 1, write: 3 } }),
        work(stage, { worker: READER, ms: 400 + LONG_ENOUGH, mix: { read: 1 } }),
      ])
    },
    expect: {
      ok: { read: 60, write: 28 },
      tiers: { redis: 20 },
      events: { 'cache-failure': 2, repaired: 1 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are soon refused that a worker destroyed which alone is cut off from Redis',
    async script(stage) {
      await seed(stage, { worker: READER })
      await begin(stage, cut('redis', { worker: CUT_OFF }))
      await Promise.all([
        withEach(stage, 'destroy', { worker: CUT_OFF }),
        work(stage, { worker: READER, ms: LONG_ENOUGH, mix: { read: 1 } }),
      ])
    },
    expect: {
      ok: { read: 60, destroy: labels().length },
      events: { 'cache-failure': 2, repaired: 1 },
    },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are soon seen as a worker wrote them that is cut off from Redis, and killed',
    async script(stage) {
      await seed(stage, { worker: READER })
      await begin(stage, cut('redis', { worker: CUT_OFF }))
      await withEach(stage, 'write', { worker: CUT_OFF })
      await stage.kill(stage.workers[CUT_OFF]!)
      await work(stage, { worker: READER, ms: LONG_ENOUGH, mix: { read: 1 } })
    },
    expect: { ok: { read: 60, write: 3 * labels().length }, events: { repaired: 1 } },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are soon seen as a worker wrote them to which Redis falls silent after its commit',
    options: () => ({ ledgerTimeout: 5_000 }),
    async script(stage) {
      await seed(stage, { worker: READER, sessions: ['s0'] })
      await writeThen(stage, async () => {
        await begin(stage, blackholed('redis', { worker: CUT_OFF }))
      })
      await work(stage, { worker: READER, ms: LONG_ENOUGH, mix: { read: 1 }, sessions: ['s0'] })
    },
    expect: { ok: { read: 40, write: 3 }, events: { 'cache-failure': 1, repaired: 1 } },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  {
    name: 'are soon seen as they were written to a Redis that has become read-only',
    async script(stage) {
      await seed(stage, { worker: READER })
      await begin(stage, readOnly())
      await Promise.all([
        work(stage, { worker: 0, ms: 400, mix: { read: 1, write: 3, destroy: 0.6 } }),
        work(stage, { worker: READER, ms: 400 + LONG_ENOUGH, mix: { read: 1 } }),
      ])
      await end(stage, readOnly())
    },
    expect: { ok: { read: 60, write: 5, destroy: 1 }, events: { 'cache-failure': 4 } },
    bounds: { nothingFails: true, staleness: staleBy({ redis: REPAIRED_WITHIN }) },
  },
  writtenByTheDead(),
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** A worker commits, can tell neither Redis nor then Postgres that Redis was not told, and dies. */
function writtenByTheDead(): Scenario {
  const sessions = ['s0']
  let agedAt = Infinity
  return {
    name: 'are out of date for no longer than the lease where nobody is left to know of it',
    options: () => ({ ledgerTimeout: 5_000 }),
    async script(stage) {
      await seed(stage, { worker: READER, sessions })
      await writeThen(stage, async (worker) => {
        await begin(stage, cut('redis', { worker }))
        await begin(stage, cut('postgres', { worker }))
      })
      await stage.kill(stage.workers[CUT_OFF]!)
      await withEach(stage, 'read', { worker: READER, sessions })
      mustBeBehind(stage)
      await age(stage, sessions)
      agedAt = monotonicNow()
      for (let time = 0; time < 3; time++) {
        await withEach(stage, 'read', { worker: READER, sessions })
      }
    },
    expect: { ok: { read: 8, write: 3 }, tiers: { redis: 2, postgres: 1 } },
    bounds: {
      staleness: (operation) => (operation.invokedAt < agedAt ? LEASE : 0),
    },
  }
}

/** The worker writes its session, and this happens when that is committed, before anybody is told. */
async function writeThen(stage: Stage, happens: (worker: number) => Promise<void>): Promise<void> {
  const { process } = stage.workers[CUT_OFF]!
  const step = 'ledger.commit'
  await process.ask({ do: 'hold', step, when: 'after' })
  const writing = process.ask({ do: 'write', session: 's0' })
  await process.ask({ do: 'reached', step })
  await happens(CUT_OFF)
  await process.ask({ do: 'release', step })
  await writing
}

/** The last read saw less than the last write wrote: else there is nothing to show. */
function mustBeBehind({ events }: Stage): void {
  const seen = events.flatMap((event) => (event.type === 'ok' ? (event.seen ?? []) : []))
  const [written, read] = seen.slice(-2)
  if (!written || !read || read.version >= written.version) {
    throw new Error('Redis holds what was written')
  }
}

/** What Redis holds was confirmed longer ago than the lease lasts. */
async function age({ servers, prefix }: Stage, sessions: readonly string[]): Promise<void> {
  const keys = createKeys({ prefix, context: 'web' })
  for (const session of sessions) {
    const key = keys.record(hashedIds('web')(cookieIdOf(session))!)
    await servers.admin.setrange(key, OFFSETS.confirmedAt, packTime(Date.now() - LEASE - 1_000))
  }
}
