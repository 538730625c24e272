import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { Client } from 'pg'
import { hashedIds } from '../../src/core/session-id.js'
import { eventually } from './scene/eventually.js'
import { slow } from './scheduler/network-faults.js'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, labels, waitForLock, withEach } from './scheduler/script-steps.js'
import { flushed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stage, StageWorker } from './scheduler/stage.js'
import { destroyUser, type Login } from './scheduler/user-destroys.js'
import { cookieIdOf } from './worker/actor.js'
import type { StepCount } from './worker/commands.js'
import { monotonicNow } from './worker/journal.js'

/** Nothing is late, however busy the machine is: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = { redisTimeout: 2_000, ledgerTimeout: 8_000 }
const EXACT = { staleness: 0, nothingFails: true }

/** How many statements that read a process may have under way. */
const READ_LANES = 4
const ROUNDS = 2

/** As many as one statement writes at most. */
const BATCH = 128
const WRITE_LANES = [0, 1] as const

let servers: Servers

beforeAll(async () => {
  // Two that wait for each other would do so for longer than a statement may take.
  servers = await openServers({ postgres: { settings: { deadlock_timeout: '30s' } } })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'keep the keys of fifty requests at once from three workers',
    workers: 3,
    options: () => PATIENT,
    async script(stage) {
      const requests = Array.from({ length: 50 }, (_, number) => stage.workers[number % 3]!)
      await Promise.all(requests.map(({ process }) => process.ask({ do: 'write', session: 's0' })))
    },
    expect: { ok: { write: 50 } },
    bounds: EXACT,
  },
  {
    name: 'are all written and touched by two workers who take them in opposite orders',
    options: () => PATIENT,
    async script(stage) {
      for (let round = 0; round < ROUNDS; round++) {
        await inOppositeOrders(
          stage,
          labels(BATCH).map((label) => `r${round} ${label}`),
        )
      }
    },
    expect: { ok: { write: 4 * BATCH * ROUNDS, touch: 2 * BATCH * ROUNDS } },
    bounds: EXACT,
  },
  {
    name: 'are read by eight processes that start over a cold Redis with few statements at once',
    workers: 8,
    options: () => ({ ...PATIENT, connections: 12 }),
    async script(stage) {
      const sessions = labels(150)
      await stage.workers[0]!.process.ask({ do: 'write all', sessions })
      await begin(stage, flushed())
      await Promise.all(stage.workers.map((worker) => stage.roll(worker)))
      await begin(stage, slow('postgres', 20))
      await Promise.all(stage.workers.map(({ process }) => process.ask({ do: 'count steps' })))
      await Promise.all(
        stage.workers.map((_, worker) => withEach(stage, 'read', { worker, sessions })),
      )
      await mustBeBulkheaded(stage)
    },
    expect: { ok: { read: 8 * 150, write: 150 }, tiers: { postgres: 200 } },
    bounds: EXACT,
  },
  {
    name: 'of a user end, all that were there, while more begin',
    workers: 3,
    options: () => PATIENT,
    async script(stage) {
      const logins: Login[] = []
      let isOver = false
      const logIn = async (worker: number, lane: number) => {
        const { process } = stage.workers[worker]!
        for (let number = 0; !isOver; number++) {
          const session = `ann ${worker}-${lane}-${number}`
          const begun = monotonicNow()
          const login = { session, begun, ended: Infinity }
          logins.push(login)
          await process.ask({ do: 'begin', session, user: 'ann' })
          login.ended = monotonicNow()
        }
      }
      const logging = [0, 1].flatMap((worker) => [0, 1, 2].map((lane) => logIn(worker, lane)))
      await eventually(() => logins.length > 60)
      const there = logins.filter(({ ended }) => ended < Infinity).length
      const ended = await destroyUser(stage, stage.workers[2]!, {
        user: 'ann',
        logins: () => logins,
      })
      if (ended < there) throw new Error(`Only ${ended} of ${there} sessions were ended`)
      const endedBy = logins.length
      await eventually(() => logins.length > endedBy + 30)
      isOver = true
      await Promise.all(logging)
    },
    expect: { ok: { write: 80, destroy: 40 } },
    bounds: EXACT,
  },
  {
    name: 'hold all writes and touches that a worker had pending when it was told to end',
    options: () => PATIENT,
    async script(stage) {
      const worker = stage.workers[0]!
      const { process } = worker
      const touched = labels(8).map((label) => `touched ${label}`)
      await Promise.all(
        touched.map((session) => stage.workers[1]!.process.ask({ do: 'begin', session })),
      )
      await process.ask({ do: 'hold', step: 'ledger.commit', when: 'before' })
      const writing = process.ask({ do: 'write all', sessions: labels(40) })
      await process.ask({ do: 'reached', step: 'ledger.commit' })
      await process.ask({ do: 'touch all', sessions: touched })
      const counts = (await process.ask({ do: 'count steps' })) as Record<string, StepCount>
      if (counts['ledger.touch']) throw new Error('The touches were not pending')
      await stage.dismiss(worker)
      await process.ask({ do: 'release', step: 'ledger.commit' })
      await writing
      await eventually(() => !process.isRunning)
      const rows = await stage.query(
        `select from sessions where "expiresAt" > timezone('utc', now()) + interval '80 minutes'`,
      )
      if (rows.length !== touched.length) throw new Error(`${rows.length} touches were persisted`)
    },
    expect: { ok: { write: 48, touch: 8 } },
    bounds: EXACT,
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/**
 * Each of two workers inserts all in one statement, both at the same moment; in the same way they update them; then they
 * touch them.
 */
async function inOppositeOrders(stage: Stage, sessions: readonly string[]): Promise<void> {
  const { workers } = stage
  const orders = [sessions, sessions.toReversed()]
  const both = orders.map((order, worker) => ({ order, worker: workers[worker]! }))
  for (const held of [INSERTED, UPDATED]) {
    const areNew = held === INSERTED
    const gathered = both.map(({ order, worker }) => gather(worker, order, areNew))
    const begun = await Promise.all(gathered)
    await whileHeld(stage, { session: sessions[sessions.length / 2]!, held }, () =>
      Promise.all(begun.map(({ release }) => release())),
    )
    await Promise.all(begun.map(({ written }) => written))
  }
  await Promise.all(
    both.map(({ order, worker }) => worker.process.ask({ do: 'touch all', sessions: order })),
  )
}

const INSERTED = `insert into sessions
  ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  values ($1, 'web', 1, '{}', now(), now(), now(), 0)`
const UPDATED = `update sessions set version = version + 1 where "sessionId" = $1`

/** Somebody has changed a session and thinks better of it, when both workers wait: in the middle of what they write. */
async function whileHeld(
  stage: Stage,
  { session, held }: { readonly session: string; readonly held: string },
  happens: () => Promise<unknown>,
): Promise<void> {
  const client = new Client({ connectionString: stage.databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(held, [hashedIds('web')(cookieIdOf(session))])
    await happens()
    await waitForLock(stage, 2)
    await client.query('rollback')
  } finally {
    await client.end()
  }
}

/**
 * Something else is in every lane, until all these writes wait to be one statement. What is new has lanes of its own;
 * what is there by the second time was in the others at the first.
 */
async function gather(
  { name, process }: StageWorker,
  sessions: readonly string[],
  areNew: boolean,
) {
  const step = 'ledger.commit'
  const ahead = WRITE_LANES.map((lane) => `${sessions.toSorted()[0]} of ${name}, lane ${lane}`)
  for (const session of ahead) {
    await process.ask({ do: 'hold', step, when: 'before' })
    // It is told of with the others.
    const asked = process.ask(
      areNew ? { do: 'begin', session } : { do: 'write all', sessions: [session] },
    )
    asked.catch(() => {})
    await process.ask({ do: 'reached', step })
  }
  const written = process.ask({ do: 'write all', sessions })
  await eventually(async () => (await process.sample()).queues['writes'] === sessions.length)
  const release = async () => {
    // What waits would be divided among lanes that are free at once.
    await process.ask({ do: 'release', step })
    await eventually(async () => (await process.sample()).queues['writes'] === 0)
    await process.ask({ do: 'release', step })
  }
  return { written, release }
}

/** In each process four statements at once, no more; and in one at least there were so many. */
async function mustBeBulkheaded({ workers }: Stage): Promise<void> {
  const counts = await Promise.all(
    workers.map(({ process }) => process.ask({ do: 'count steps' }) as Promise<Counts>),
  )
  const most = counts.map((count) => count['ledger.read']?.most ?? 0)
  if (Math.max(...most) !== READ_LANES) {
    throw new Error(`Of reads there were under way in each process at most: ${most.join(', ')}`)
  }
}

type Counts = Record<string, StepCount>
