import * as actors from './actors.js'
import { reader, writer } from './actors.js'
import type { Actor } from './actors.js'
import { nearScenarios } from './near-scenarios.js'
import { relapses } from './relapses.js'

/** Who acts on one session at the same time. */
export interface Scenario {
  readonly name: string
  /** Where the session is when the schedule begins; `committed`: in the ledger, and perhaps in the cache; `due`: in both, past its lease. */
  readonly starts: 'nowhere' | 'committed' | 'uncached' | 'cached' | 'due'
  readonly cast: readonly Actor[]
}

const { destroyer, evictor, repairer, sweeper, time, toucher } = actors
const crashes = 0.04
const readers = [reader(1), reader(2)]

/** What the protocol stands, by the name under which the mutations ask for it. */
export const scenarios = {
  writers: {
    name: 'three writers, a reader and an eviction',
    starts: 'committed',
    cast: [writer('a'), writer('b'), writer('c'), reader(1), evictor],
  },
  crashes: {
    name: 'three writers that may crash between any two steps',
    starts: 'committed',
    cast: [
      writer('a', { crashes }),
      writer('b', { crashes }),
      writer('c', { crashes }),
      reader(1),
      evictor,
    ],
  },
  serial: {
    name: 'a writer of ascending values among others',
    starts: 'committed',
    cast: [writer('a', { times: 3 }), writer('b'), ...readers, evictor],
  },
  deletedKey: {
    name: 'a writer that deletes a key while others change theirs',
    starts: 'committed',
    cast: [actors.deleter, writer('a'), writer('b'), reader(1)],
  },
  contention: {
    name: 'a writer that may meet as many conflicts as it has retries',
    starts: 'cached',
    cast: [writer('a'), writer('b', { times: 3 }), writer('c', { times: 2 })],
  },
  destroyed: {
    name: 'a destroy among writers, readers and an eviction',
    starts: 'committed',
    cast: [writer('a'), writer('b'), destroyer, ...readers, evictor],
  },
  destroyedAmongCrashes: {
    name: 'two destroys among processes that may crash',
    starts: 'committed',
    cast: [
      writer('a', { crashes }),
      { ...destroyer, crashes },
      { ...destroyer, name: 'the second destroyer' },
      ...readers,
      evictor,
    ],
  },
  writersCutOff: {
    name: 'writers that cannot reach the cache, of which one comes back',
    starts: 'committed',
    cast: [actors.healingWriter, writer('b'), writer('c', { isCutOff: true }), reader(1), repairer],
  },
  writersWhoDied: {
    name: 'writers that cannot reach the cache and die, among others that can, or can again',
    starts: 'cached',
    cast: [
      actors.mortal(writer('a', { isCutOff: true })),
      actors.mortal(writer('b', { isCutOff: true })),
      actors.healingReader,
      reader(1),
      repairer,
    ],
  },
  destroyerCutOff: {
    name: 'a destroyer that cannot reach the cache, and a writer whose replies are lost',
    starts: 'committed',
    cast: [
      writer('a', { lostReplies: 0.3 }),
      { ...destroyer, isCutOff: true },
      ...readers,
      repairer,
      repairer,
    ],
  },
  flakyCache: {
    name: 'a cache whose commands are lost, or late, or executed without a reply',
    starts: 'committed',
    cast: [
      writer('a', { cacheFailures: 0.4 }),
      writer('b', { cacheFailures: 0.4 }),
      reader(1, { cacheFailures: 0.1 }),
      reader(2),
      repairer,
      repairer,
    ],
  },
  flakyCacheAndDestroy: {
    name: 'a destroy while commands to the cache fail',
    starts: 'committed',
    cast: [
      writer('a', { cacheFailures: 0.4 }),
      { ...destroyer, cacheFailures: 0.4 },
      reader(1, { cacheFailures: 0.1 }),
      reader(2),
      repairer,
      evictor,
    ],
  },
  lostReplies: {
    name: 'writers whose statements are lost, or late, or executed without a reply',
    starts: 'committed',
    cast: [
      writer('a', { lostReplies: 0.4 }),
      writer('b', { lostReplies: 0.4 }),
      writer('c', { lostReplies: 0.2, times: 2 }),
      reader(1),
    ],
  },
  lostRepliesAndDestroy: {
    name: 'a destroy among writers, all of whose replies may be lost',
    starts: 'committed',
    cast: [
      writer('a', { lostReplies: 0.4 }),
      writer('b', { lostReplies: 0.4 }),
      { ...destroyer, lostReplies: 0.3 },
      ...readers,
    ],
  },
  creation: {
    name: 'a session that is created, perhaps without a reply, and used',
    starts: 'nowhere',
    cast: [{ ...actors.creatorAndWriter, lostReplies: 0.3 }, ...readers, evictor],
  },
  earlySecondRequest: {
    name: 'a second request that is earlier than the acknowledgement of the creation',
    starts: 'nowhere',
    cast: [actors.creator, actors.earlyWriter, ...readers],
  },
  outage: {
    name: 'a destroy while the ledger is out of reach for a while',
    starts: 'committed',
    cast: [
      actors.outage,
      writer('a', { cacheFailures: 0.3 }),
      writer('b'),
      destroyer,
      ...readers,
      repairer,
    ],
  },
  untold: {
    name: 'users whose cache fails, and who read what they wrote, also while the ledger is away',
    starts: 'cached',
    cast: [
      actors.outage,
      actors.user('a', { cacheFailures: 0.4 }),
      actors.user('b', { cacheFailures: 0.2 }),
      reader(1),
      repairer,
    ],
  },
  untoldDestroy: {
    name: 'a user who logs out while the cache fails, and reads again, also while the ledger is away',
    starts: 'cached',
    cast: [
      actors.outage,
      actors.leaver({ cacheFailures: 0.4 }),
      writer('a'),
      reader(1),
      evictor,
      repairer,
    ],
  },
  expiry: {
    name: 'a session that expires, is touched, swept and begun again',
    starts: 'committed',
    cast: [time, toucher, sweeper, actors.creator, reader(1)],
  },
  sweptUnderAWriter: {
    name: 'a session that expires and is swept under a writer',
    starts: 'committed',
    cast: [time, toucher, sweeper, writer('a'), reader(1)],
  },
  ...relapses,
  ...nearScenarios,
} satisfies Record<string, Scenario>
