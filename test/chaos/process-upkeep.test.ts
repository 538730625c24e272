import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { hashedIds } from '../../src/core/session-id.js'
import { eventually } from './scene/eventually.js'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, labels, seed, withEach, work, workTogether } from './scheduler/script-steps.js'
import { flushed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stage } from './scheduler/stage.js'
import { cookieIdOf } from './worker/actor.js'
import { monotonicNow } from './worker/journal.js'

const HOUR = 3_600_000

/** Nothing is late, however busy the machine is: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = { redisTimeout: 2_000, ledgerTimeout: 8_000 }
const EXACT = { staleness: 0, nothingFails: true }

/** What is written lives for an hour, what is touched for an hour and a half to two and a half. */
const [WRITTEN, TOUCHED, EXPIRING] = [labels(8), ['t0', 't1'], ['e0', 'e1', 'e2']]
const BUSY = { read: 3, write: 2 }
const EXPIRES_IN = 500
const EXPIRED = 100_000
const BESIDE = 1_000

/** One may be answered by Postgres, which was faster. */
const MOST_LOOKS = 5

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  clocksApart(),
  {
    name: 'stay where a hundred thousand others expire at once and four workers sweep',
    workers: 4,
    options: () => ({ ...PATIENT, sweepEvery: false, sweepBatch: 4_000 }),
    async script(stage) {
      await seed(stage, { worker: 0 })
      await insert(stage, 'dead', `timezone('utc', now())`, EXPIRED)
      await insert(stage, 'live', `timezone('utc', now()) + interval '1 hour'`, BESIDE)
      await Promise.all([
        sweepTogether(stage),
        work(stage, { worker: 0, ms: 800, mix: { read: 3, write: 1 } }),
      ])
    },
    expect: { ok: { read: 60, write: 24 } },
    bounds: { ...EXACT, latency: { read: 3_000 } },
  },
  rotation(),
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** The clock of one worker is ahead of Postgres's, that of another one behind. */
function clocksApart(): Scenario {
  let expiresAt = Infinity
  return {
    name: 'live as long as Postgres says where the clocks of two workers are an hour off',
    workers: 3,
    options: (worker) => ({ ...PATIENT, clockOffset: [0, 1.1 * HOUR, -1.1 * HOUR][worker]! }),
    async script(stage) {
      const everybody = [0, 1, 2] as const
      await workTogether(
        stage,
        // Merged, too: whoever meets another's commit compares lifetimes.
        everybody.map((worker) => ({ worker, ms: 400, sessions: WRITTEN, mix: BUSY })),
      )
      await withEach(stage, 'write', { worker: 0, sessions: [...WRITTEN, ...TOUCHED, ...EXPIRING] })
      for (const { process } of stage.workers) {
        await process.ask({ do: 'touch all', sessions: TOUCHED })
      }
      // Touches are persisted then.
      await stage.quiet()
      await mustLive(stage, WRITTEN, ['59 minutes', '61 minutes'])
      await mustLive(stage, TOUCHED, ['89 minutes', '151 minutes'])
      await begin(stage, flushed())
      expiresAt = monotonicNow() + EXPIRES_IN
      await expire(stage, EXPIRING)
      for (const worker of everybody) {
        await withEach(stage, 'read', { worker, sessions: [EXPIRING[worker]!, ...WRITTEN] })
      }
      await eventually(async () => (await lifetimes(stage, EXPIRING, "<= interval '0'")) === 3)
      await mustBeSeen(stage, WRITTEN, EXPIRING)
    },
    expect: { ok: { read: 40, write: 16, touch: 6 } },
    bounds: {
      ...EXACT,
      expiry: (session) => (EXPIRING.includes(session) ? expiresAt : undefined),
    },
  }
}

/** So much longer is in the ledger what each of these sessions has. */
async function mustLive(
  stage: Stage,
  sessions: readonly string[],
  [least, most]: readonly [string, string],
): Promise<void> {
  const right = await lifetimes(
    stage,
    sessions,
    `between interval '${least}' and interval '${most}'`,
  )
  if (right !== sessions.length) {
    throw new Error(`Only ${right} of ${sessions.length} live for ${least} to ${most}`)
  }
}

/** How many of these sessions live for such a time yet, as Postgres sees it. */
async function lifetimes(
  stage: Stage,
  sessions: readonly string[],
  isSuch: string,
): Promise<number> {
  const rows = await stage.query(
    `select from sessions where "sessionId" = any($1)
      and "expiresAt" - timezone('utc', clock_timestamp()) ${isSuch}`,
    [sessions.map(idOf)],
  )
  return rows.length
}

/** What nobody has loaded is soon to expire. */
async function expire(stage: Stage, sessions: readonly string[]): Promise<void> {
  await stage.query(
    `update sessions set "expiresAt" = timezone('utc', clock_timestamp()) + $2::interval
      where "sessionId" = any($1)`,
    [sessions.map(idOf), `${EXPIRES_IN} milliseconds`],
  )
}

/**
 * Every worker finds what is there, in Redis, and nothing of what is not. Where Redis takes its time Postgres answers, too:
 * what is in Redis for a worker is so when it looks again.
 */
async function mustBeSeen(
  stage: Stage,
  there: readonly string[],
  gone: readonly string[],
): Promise<void> {
  for (const worker of stage.workers.keys()) {
    let left = there
    for (let looks = 0; left.length > 0 && looks < MOST_LOOKS; looks++) {
      const from = stage.events.length
      await withEach(stage, 'read', { worker, sessions: [...left, ...gone] })
      const seen = stage.events
        .slice(from)
        .flatMap((event) => (event.type === 'ok' ? (event.seen ?? []) : []))
      if (seen.length !== left.length) throw new Error(`${seen.length} of ${left.length} are there`)
      const inRedis = new Set(seen.filter(({ tier }) => tier === 'redis').map(({ label }) => label))
      left = left.filter((label) => !inRedis.has(label))
    }
    if (left.length > 0) throw new Error(`Worker ${worker} does not find ${left.join()} in Redis`)
  }
}

function idOf(session: string): string {
  return hashedIds('web')(cookieIdOf(session))!
}

/** Keys come in two steps: first everybody can open what the new one has sealed, then it seals. */
function rotation(): Scenario {
  const old = 'an-old-secret-of-the-chaos-suite-that-goes'
  const both = { old, new: 'a-new-secret-of-the-chaos-suite-that-comes' }
  const phases = [
    { keys: { old }, current: 'old' },
    { keys: both, current: 'old' },
    { keys: both, current: 'new' },
  ] as const
  return {
    name: 'are read and written while keys are rotated and one worker after another is replaced',
    workers: 3,
    async script(stage) {
      await seed(stage, { worker: 2 })
      for (const worker of [1, 2, 0, 1, 2]) {
        phaseOf[worker]!++
        const others = [0, 1, 2].filter((each) => each !== worker)
        const mix = { read: 2, write: 1 }
        await Promise.all([
          stage.roll(stage.workers[worker]!),
          workTogether(
            stage,
            others.map((other) => ({ worker: other, ms: 150, mix })),
          ),
        ])
        await work(stage, { worker, ms: 50, mix })
      }
      await withEach(stage, 'write', { worker: 0 })
      const sealed = await stage.query(`select from sessions where data like 'hf1.new.%'`)
      if (sealed.length !== labels().length) throw new Error('Not all is sealed with the new key')
      phaseOf.splice(0, phaseOf.length, ...FIRST_PHASES)
    },
    options: (worker) => ({ ...PATIENT, encryption: phases[phaseOf[worker]!]! }),
    expect: { ok: { read: 60, write: 60 } },
    bounds: EXACT,
  }
}

/** Of each worker of {@link rotation}, where it stands: the first has begun. */
const FIRST_PHASES = [1, 0, 0]
const phaseOf = [...FIRST_PHASES]

/** Rows as another process has left them. */
async function insert(stage: Stage, name: string, expiresAt: string, count: number): Promise<void> {
  await stage.query(
    `insert into sessions ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
     select '${name}-' || number, 'web', 1, '{}', ${expiresAt}, ${expiresAt}, ${expiresAt},
            floor(extract(epoch from ${expiresAt}) / 3600)::int
       from generate_series(1, ${count}) number`,
  )
}

/** Every worker sweeps until nothing is left, and each row is counted by one of them. */
async function sweepTogether(stage: Stage): Promise<void> {
  let removed = 0
  const sweeping = stage.workers.map(async ({ process }) => {
    while (removed < EXPIRED) {
      const swept = (await process.ask({ do: 'sweep' })) as { readonly removed: number }
      removed += swept.removed
      await delay(2)
    }
  })
  await Promise.all(sweeping)
  const left = await stage.query(`select from sessions where "sessionId" like 'live-%'`)
  const dead = await stage.query(`select from sessions where "sessionId" like 'dead-%'`)
  if (removed !== EXPIRED || dead.length !== 0 || left.length !== BESIDE) {
    throw new Error(`Removed ${removed}; there are ${dead.length} dead, ${left.length} alive`)
  }
}
