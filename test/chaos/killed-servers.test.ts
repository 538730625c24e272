import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { Client } from 'pg'
import { hashedIds } from '../../src/core/session-id.js'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, end, labels, waitForLock, withEach } from './scheduler/script-steps.js'
import { killed, workerKilled } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stage } from './scheduler/stage.js'
import { cookieIdOf } from './worker/actor.js'

/** As long as a repair may take: a worker whose breaker is open yet writes past a Redis that others believe again. */
const REPAIRED_WITHIN = 2_000

/** However busy the machine is. */
const USUAL = { read: 20, write: 8, touch: 2 }

/** What one statement is to write, and waits for a lock with. */
const BATCH = labels(40).map((label) => `batch ${label}`)

let servers: Servers

beforeAll(async () => {
  servers = await openServers()
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'lose nothing while Redis is killed and comes back empty',
    load: { ms: 1_200, rest: 16 },
    faults: [{ fault: killed('redis'), at: [200, 400], lasts: [200, 400] }],
    expect: {
      ok: USUAL,
      events: { 'cache-failure': 5, 'cache-state': 2 },
    },
    bounds: { nothingFails: true, staleness: REPAIRED_WITHIN },
  },
  {
    name: 'lose nothing that was acknowledged while Postgres is killed in mid-batch and restarted',
    load: { ms: 1_700, rest: 16 },
    script: killInMidBatch,
    expect: { ok: { ...USUAL, write: BATCH.length }, failed: BATCH.length },
    bounds: { staleness: REPAIRED_WITHIN },
  },
  {
    name: 'lose nothing that was acknowledged by a worker that is killed',
    workers: 3,
    // Nothing is late, however busy the machine is: so nothing has to be repaired.
    options: () => ({ redisTimeout: 1_000 }),
    // Something is always under way.
    load: { ms: 1_200, rest: 4 },
    faults: [{ fault: workerKilled(1), at: [300, 500], lasts: [50, 200] }],
    expect: { ok: USUAL, failed: 1 },
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** Somebody locks a row of the batch: the statement is under way in Postgres when that is killed. */
async function killInMidBatch(stage: Stage): Promise<void> {
  await withEach(stage, 'write', { worker: 0, sessions: BATCH })
  const client = new Client({ connectionString: stage.databaseUrl })
  client.on('error', () => {})
  await client.connect()
  await client.query('begin')
  await client.query('select from sessions where "sessionId" = $1 for update', [
    hashedIds('web')(cookieIdOf(BATCH[20]!)),
  ])
  const writing = stage.workers[0]!.process.ask({ do: 'write all', sessions: BATCH })
  await waitForLock(stage, 1)
  await begin(stage, killed('postgres'))
  await writing
  await delay(50 + 150 * stage.random.fraction())
  await end(stage, killed('postgres'))
}
