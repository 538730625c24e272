import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { play } from './scheduler/play.js'
import type { Scenario } from './scheduler/scenario.js'
import { labels, seed, withEach, work, workTogether } from './scheduler/script-steps.js'
import { openServers, type Servers } from './scheduler/servers.js'
import type { Stage } from './scheduler/stage.js'

const HOUR = 3_600_000

/** Nothing is late, however busy the machine is: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = { redisTimeout: 2_000, ledgerTimeout: 8_000 }
const EXACT = { staleness: 0 }
const EXPIRED = 100_000
const BESIDE = 1_000

let servers: Servers

beforeAll(async () => {
  servers = await openServers()
})

afterAll(() => servers.close())

const scenarios: readonly Scenario[] = [
  {
    name: 'live as long as Postgres says where the clocks of two workers are an hour off',
    workers: 3,
    options: (worker) => ({ ...PATIENT, clockOffset: [0, 1.1 * HOUR, -1.1 * HOUR][worker]! }),
    async script(stage) {
      await workTogether(
        stage,
        [0, 1, 2].map((worker) => ({ worker, ms: 600, mix: { read: 3, write: 2, touch: 1 } })),
      )
      for (const { process } of stage.workers) {
        await process.ask({ do: 'touch all', sessions: labels(4) })
      }
      // Touches are persisted then.
      await stage.quiet()
      // What is written lives for an hour, what is touched for an hour and a half to two and a half.
      const [wrong] = await stage.query<{ count: string }>(
        `select count(*) from sessions where "expiresAt" - timezone('utc', now())
          not between interval '59 minutes' and interval '151 minutes'`,
      )
      if (wrong!.count !== '0') throw new Error(`${wrong!.count} sessions live too short or long`)
    },
    expect: { ok: { read: 40, write: 20, touch: 3 } },
    bounds: EXACT,
  },
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
    name: 'are read and written while keys are rotated and one worker after another opens anew',
    workers: 3,
    async script(stage) {
      await seed(stage, { worker: 2 })
      for (const worker of [1, 2, 0, 1, 2]) {
        phaseOf[worker]!++
        const others = [0, 1, 2].filter((each) => each !== worker)
        const mix = { read: 2, write: 1 }
        await Promise.all([
          stage.reopen(stage.workers[worker]!),
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
