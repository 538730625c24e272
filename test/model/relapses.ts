import * as actors from './actors.js'
import { reader, writer } from './actors.js'
import type { Scenario } from './scenarios.js'

const { destroyer, evictor, repairer, restarter, toucher } = actors
const crashes = 0.04
const stalls = 0.2
const readers = [reader(1), reader(2)]

/** What the protocol stands where the cache restarts, a lease ends, or the ledger loses commits (rules 9, 10 and 13). */
export const relapses = {
  restart: {
    name: 'a cache that restarts from an older snapshot',
    starts: 'committed',
    cast: [writer('a'), writer('b'), writer('c'), restarter, ...readers],
  },
  restartAndDestroy: {
    name: 'a destroy while the cache restarts from an older snapshot',
    starts: 'committed',
    cast: [writer('a'), destroyer, restarter, ...readers, repairer],
  },
  restartUnderFills: {
    name: 'a restart from a snapshot that may hold the token of a fill',
    starts: 'uncached',
    cast: [writer('a'), reader(1, { stalls }), restarter],
  },
  restartUnderPuts: {
    name: 'a restart under puts that may be late',
    starts: 'cached',
    cast: [writer('a', { stalls }), writer('b'), restarter],
  },
  restartUnderConfirmations: {
    name: 'a restart while a record is confirmed',
    starts: 'due',
    cast: [writer('a'), reader(1, { stalls }), restarter],
  },
  restartBeforeTheRunIsKnown: {
    name: 'two restarts, of which the second may come before the run of the first is known',
    starts: 'uncached',
    cast: [
      writer('a', { stepsToLearn: 30 }),
      reader(1, { stepsToLearn: 30 }),
      reader(2, { stepsToLearn: 30 }),
      restarter,
      { ...restarter, stalls },
    ],
  },
  stalled: {
    name: 'processes that stand still for a lease, and a writer that dies cut off from the cache',
    starts: 'due',
    cast: [
      writer('a', { isCutOff: true, crashes: 0.2 }),
      writer('b', { stalls }),
      { ...actors.lease, stalls },
      reader(1, { stalls }),
    ],
  },
  restartTwice: {
    name: 'a cache that restarts twice from older snapshots, among writers that may die',
    starts: 'committed',
    cast: [
      writer('a', { crashes }),
      writer('b', { times: 2 }),
      restarter,
      restarter,
      toucher,
      ...readers,
      evictor,
    ],
  },
  restartAndFlakyCache: {
    name: 'a restart while commands to the cache fail, and are sent again',
    starts: 'committed',
    cast: [
      writer('a', { cacheFailures: 0.3 }),
      writer('b', { cacheFailures: 0.3 }),
      restarter,
      reader(1, { cacheFailures: 0.1 }),
      reader(2),
      repairer,
      repairer,
    ],
  },
  restartWithoutLedger: {
    name: 'a restart while the ledger is out of reach',
    starts: 'committed',
    cast: [writer('a'), destroyer, restarter, actors.outage, ...readers, repairer],
  },
  restartAndLease: {
    name: 'a restart while leases end',
    starts: 'committed',
    cast: [writer('a'), writer('b'), restarter, actors.lease, ...readers],
  },
  lease: {
    name: 'a writer that is cut off from the cache, and may die before it notes the repair',
    starts: 'cached',
    cast: [
      writer('a', { isCutOff: true, crashes: 0.1 }),
      writer('b'),
      actors.lease,
      ...readers,
      repairer,
    ],
  },
  lostCommitAmongOthers: {
    name: 'a ledger that loses a commit among writers',
    starts: 'cached',
    cast: [writer('a'), writer('b'), writer('c'), actors.failover, actors.lease, ...readers],
  },
  lostCommit: {
    name: 'a ledger that loses a commit which the cache remembers',
    starts: 'cached',
    cast: [actors.writerOverLostCommit, ...readers],
  },
} satisfies Record<string, Scenario>
