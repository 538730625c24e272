import { destroy } from './destroy-path.js'
import * as faults from './faults.js'
import { LedgerDown } from './ledger-model.js'
import { read } from './read-path.js'
import type { Fates, Steps } from './schedule.js'
import { applyRepairs, heal, sweep, touch } from './upkeep.js'
import type { Process, Traits } from './world.js'
import { create, write } from './write-path.js'

/** One process of a scenario, and what it does from its beginning to its end. */
export interface Actor extends Traits, Fates {
  readonly name: string
  readonly plays: (process: Process) => Steps
}

/** Forgets the session in the cache once. */
export const evictor: Actor = { name: 'the evictor', plays: ({ world }) => faults.evict(world) }

/** Restarts the cache once, from an older snapshot. */
export const restarter: Actor = {
  name: 'the restart',
  plays: ({ world }) => faults.restartCache(world),
}

/** Takes the ledger out of reach for a while. */
export const outage: Actor = {
  name: 'the outage',
  plays: ({ world }) => faults.ledgerOutage(world),
}

/** Lets a lifetime pass. */
export const time: Actor = { name: 'the time', plays: ({ world }) => faults.passLifetime(world) }

/** Lets a lease pass. */
export const lease: Actor = { name: 'the lease', plays: ({ world }) => faults.passLease(world) }

/** Lets a lease pass after a write. */
export const lateLease: Actor = {
  name: 'the lease',
  *plays({ world }) {
    while (world.history.acknowledgements === 0) yield 'waits for a write'
    yield* faults.passLease(world)
  },
}

/** Fails the ledger over, which loses its last commit. */
export const failover: Actor = {
  name: 'the failover',
  plays: ({ world }) => faults.failLedgerOver(world),
}

/** Applies repairs until there are none. */
export const repairer: Actor = { name: 'the repairer', plays: applyRepairs }

/** Destroys the session. */
export const destroyer: Actor = { name: 'the destroyer', plays: destroy }

/** Moves the session's expiry later. */
export const toucher: Actor = { name: 'the toucher', plays: touch }

/** Sweeps the session if it has expired. */
export const sweeper: Actor = { name: 'the sweeper', plays: sweep }

/** Inserts the session. */
export const creator: Actor = {
  name: 'the creator',
  plays: (process) => create(process, { key: 'a', value: 1 }),
}

/** Inserts the session, and goes on to use it. */
export const creatorAndWriter: Actor = {
  name: 'the creator',
  *plays(process) {
    yield* create(process, { key: 'a', value: 1 })
    yield* writeAscending(process, 'c', 2)
  },
}

/** Writes as soon as the session is committed: its cookie goes out before the creation is acknowledged. */
export const earlyWriter: Actor = {
  name: 'the second request',
  *plays(process) {
    while (!process.world.ledger.read()) yield 'has no cookie yet'
    yield* write(process, { key: 'b', value: 1 })
  },
}

/** Deletes the key with which the session began. */
export const deleter: Actor = {
  name: 'the deleter',
  plays: (process) => write(process, { key: 'base', value: undefined }),
}

/** Writes while the cache can't be reached; then comes back and reads what it wrote. */
export const healingWriter: Actor = {
  name: 'the healing writer',
  isCutOff: true,
  *plays(process) {
    yield* write(process, { key: 'h', value: 1 })
    yield* heal(process)
    yield* readThrice(process)
  },
}

/** Comes back after it could not reach the cache, and reads what others wrote. */
export const healingReader: Actor = {
  name: 'the healing reader',
  isCutOff: true,
  *plays(process) {
    yield* heal(process)
    yield* readThrice(process)
  },
}

/** One whose process dies as soon as it is done: what it knows alone is lost with it. */
export function mortal(actor: Actor): Actor {
  const plays = function* (process: Process): Steps {
    yield* actor.plays(process)
    process.hasDied = true
  }
  return { ...actor, plays }
}

/** Has three writes acknowledged, of which a failover of the ledger loses the last two, and writes on. */
export const writerOverLostCommit: Actor = {
  name: 'the writer',
  *plays(process) {
    yield* writeAscending(process, 'a', 3)
    process.world.ledger.loseCommits(2)
    yield* write(process, { key: 'b', value: 1 })
  },
}

/** Reads three times. */
export function reader(number: number, traits: Traits & Fates = {}): Actor {
  return { name: `reader ${number}`, plays: readThrice, ...traits }
}

/** Writes ascending values of one key, one after the other; one value, unless told otherwise. */
export function writer(key: string, traits: Traits & Fates & { times?: number } = {}) {
  const { times = 1, ...others } = traits
  const plays = (process: Process) => writeAscending(process, key, times)
  return { name: `writer ${key}`, plays, ...others } satisfies Actor
}

function* readThrice(process: Process): Steps {
  for (let times = 0; times < 3; times += 1) yield* readOrBeRefused(process)
}

/** A read that the ledger fails is an error that its visitor sees; the next one may be answered. */
function* readOrBeRefused(process: Process): Steps {
  try {
    yield* read(process)
  } catch (error) {
    if (!(error instanceof LedgerDown)) throw error
  }
}

function* writeAscending(process: Process, key: string, times: number): Steps {
  for (let value = 1; value <= times; value += 1) yield* write(process, { key, value })
}

/** Writes, and reads what it wrote, in one process. */
export function user(key: string, traits: Traits & Fates): Actor {
  const plays = function* (process: Process): Steps {
    for (let value = 1; value <= 2; value += 1) {
      yield* readThrice(process)
      yield* write(process, { key, value })
    }
    yield* readThrice(process)
  }
  return { name: `user ${key}`, plays, ...traits }
}

/** Reads, destroys the session, and reads again in the same process. */
export function leaver(traits: Traits & Fates): Actor {
  const plays = function* (process: Process): Steps {
    yield* readThrice(process)
    yield* destroy(process)
    yield* readThrice(process)
  }
  return { name: 'the leaver', plays, ...traits }
}

/** Has two requests at a time that read, again and again. */
export function poller(traits: Traits & Fates): Actor {
  return { name: 'the poller', plays: poll, ...traits }
}

/** One whose subscription is lost meanwhile. */
export function deafPoller(traits: Traits & Fates): Actor {
  const plays = function* (process: Process): Steps {
    process.world.start('a subscription', faults.loseSubscription(process))
    yield* poll(process)
  }
  return { name: 'the deaf poller', plays, ...traits }
}

function* poll(process: Process): Steps {
  process.world.start('its other request', pollAlone(process))
  yield* pollAlone(process)
}

function* pollAlone(process: Process): Steps {
  for (let times = 0; times < 4; times += 1) yield* readThrice(process)
}
