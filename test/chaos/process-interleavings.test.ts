import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { cut, repliesDropped } from './scheduler/network-faults.js'
import { play } from './scheduler/play.js'
import { copied, restored } from './scheduler/postgres-faults.js'
import type { Scenario } from './scheduler/scenario.js'
import { begin, labels, seed, withEach } from './scheduler/script-steps.js'
import { flushed } from './scheduler/server-faults.js'
import { openServers, type Servers } from './scheduler/servers.js'
import { sinceRestored } from './scheduler/since-restored.js'
import { before, interleavings, SlowOperation, type Stop } from './scheduler/slow-operation.js'
import type { Stage, StageWorker } from './scheduler/stage.js'
import { destroyUser } from './scheduler/user-destroys.js'
import { monotonicNow } from './worker/journal.js'

/** What waits at a step is not late: so nothing has to be repaired, and nothing may be out of date. */
const PATIENT = () => ({ redisTimeout: 10_000, ledgerTimeout: 10_000 })
const EXACT = { staleness: 0, nothingFails: true }
const [SLOW, OTHER, READER] = [0, 1, 2] as const

let servers: Servers

beforeAll(async () => {
  servers = await openServers({ postgres: 'shared' })
})

afterAll(() => servers.close())

/** What another does while a request that has loaded the session is slow. */
interface Ending {
  readonly name: string
  readonly stops: readonly Stop[]
  perform(stage: Stage, worker: StageWorker, session: string): Promise<unknown>
}

const destroying = before('cache.bury', 'ledger.revoke', 'cache.bury')

const endings: readonly Ending[] = [
  {
    name: 'a logout',
    stops: destroying,
    perform: (_, { process }, session) => process.ask({ do: 'destroy', session }),
  },
  {
    name: 'a login that gives the visitor a new one',
    stops: [...before('ledger.commit'), ...destroying],
    async perform(_, { process }, session) {
      await process.ask({ do: 'begin', session: `new ${session}` })
      await process.ask({ do: 'destroy', session })
    },
  },
  {
    name: 'a destroyUser',
    stops: [...before('ledger.list'), ...destroying, ...before('ledger.list')],
    perform(stage, worker, session) {
      const login = { session, begun: 0, ended: monotonicNow() }
      return destroyUser(stage, worker, { user: session, logins: () => [login] })
    },
  },
]

const scenarios: readonly Scenario[] = [
  ...endings.map(slowRequestAgainst),
  ...([['write'], ['destroy'], ['write', 'write'], ['write', 'destroy']] as const).map(
    pausedReader,
  ),
  {
    name: 'are written once where the reply to the commit is lost and somebody has read it already',
    workers: 3,
    options: PATIENT,
    async script(stage) {
      await seed(stage, { worker: READER, sessions: ['s0'] })
      const write = await SlowOperation.begin(
        stage.workers[SLOW]!,
        before('ledger.commit', 'ledger.commit'),
        ({ process }) => process.ask({ do: 'write', session: 's0' }),
      )
      await begin(stage, flushed())
      await begin(stage, repliesDropped('postgres', 1, { worker: SLOW }))
      await write.advance()
      await withEach(stage, 'read', { worker: READER, sessions: ['s0'] })
      await write.advance()
    },
    expect: { ok: { write: 3, read: 6 }, faults: { 'a reply of postgres dropped': 1 } },
    bounds: EXACT,
  },
  {
    name: 'keep what was written after a restore by who knows nothing of what was undone',
    async script(stage) {
      await seed(stage, { worker: OTHER, sessions: ['s0'] })
      await begin(stage, copied())
      for (let time = 0; time < 3; time++) {
        await withEach(stage, 'write', { worker: OTHER, sessions: ['s0'] })
      }
      await begin(stage, restored())
      await begin(stage, cut('redis', { worker: SLOW }))
      await withEach(stage, 'write', { worker: SLOW, sessions: ['s0'] })
      await withEach(stage, 'write', { worker: OTHER, sessions: ['s0'] })
    },
    expect: { ok: { write: 7 } },
    bounds: EXACT,
    judged: sinceRestored,
  },
]

describe('sessions', () => {
  it.each(scenarios)('$name', async (scenario) => {
    await play(scenario, servers)
  })
})

/** A request that writes is at every place when the other one makes its next step. */
function slowRequestAgainst({ name, stops, perform }: Ending): Scenario {
  const writing = before('ledger.commit', 'cache.put')
  const orders = interleavings(writing.length, stops.length)
  return {
    name: `stay dead, or end, in every order of a slow request and ${name}`,
    workers: 3,
    options: PATIENT,
    async script(stage) {
      for (const order of orders) {
        const session = order.join('')
        const [slow, other] = [stage.workers[SLOW]!, stage.workers[OTHER]!]
        await other.process.ask({ do: 'begin', session, user: session })
        const both = [
          await SlowOperation.begin(slow, writing, ({ process }) =>
            process.ask({ do: 'write', session }),
          ),
          await SlowOperation.begin(other, stops, (worker) => perform(stage, worker, session)),
        ] as const
        for (const mover of order) {
          await both[mover].advance()
          await withEach(stage, 'read', { worker: READER, sessions: [session] })
        }
      }
    },
    expect: {
      // Some of the slow writes come too late.
      ok: { write: 1.5 * orders.length, read: orders.length * (writing.length + stops.length) },
      events: { 'write-after-destroy': 1 },
    },
    bounds: EXACT,
  }
}

/** A reader has the ledger's answer, and does not put it into Redis before the others are done. */
function pausedReader(others: readonly ('write' | 'destroy')[]): Scenario {
  const sessions = labels(4)
  return {
    name: `are not set back by a reader who pauses before it fills, while another does: ${others.join(', ')}`,
    workers: 3,
    options: PATIENT,
    async script(stage) {
      await seed(stage, { worker: OTHER, sessions })
      await begin(stage, flushed())
      for (const session of sessions) {
        const reading = await SlowOperation.begin(
          stage.workers[SLOW]!,
          [{ step: 'ledger.read', when: 'after' }],
          ({ process }) => process.ask({ do: 'read', session }),
        )
        for (const kind of others)
          await withEach(stage, kind, { worker: OTHER, sessions: [session] })
        await reading.advance()
        for (const worker of [SLOW, READER, OTHER]) {
          await withEach(stage, 'read', { worker, sessions: [session] })
        }
      }
    },
    expect: { ok: { read: 16 }, tiers: { postgres: sessions.length } },
    bounds: EXACT,
  }
}
