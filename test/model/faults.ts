import type { Steps } from './schedule.js'
import { FILL_LIFE, LEASE, LIFETIME } from './times.js'
import type { Process, World } from './world.js'

/** Lets a few steps of others pass. */
export function* wait({ random }: World, atMost: number): Steps {
  for (let left = random.below(atMost + 1); left > 0; left -= 1) yield 'waits'
}

/** The cache forgets the session, whatever it holds for it. */
export function* evict(world: World): Steps {
  yield* wait(world, 12)
  world.cache.evict()
}

/** The cache restarts from a snapshot that may be older than what it was told since. */
export function* restartCache(world: World): Steps {
  const { cache, random } = world
  yield* wait(world, random.below(16))
  const age = random.below(Math.min(cache.past.length, 6))
  cache.restart(cache.past[cache.past.length - 1 - age]!)
  for (const { link } of world.processes) world.start('a connection', link.notice())
}

/** The ledger is out of reach for a while. */
export function* ledgerOutage({ ledger, random }: World): Steps {
  yield 'takes the ledger away'
  ledger.isDown = true
  for (let left = random.below(20); left > 0; left -= 1) yield 'keeps the ledger away'
  ledger.isDown = false
}

/** A process's subscription is lost, and made anew. */
export function* loseSubscription({ near, world }: Process): Steps {
  if (!near) return
  yield* wait(world, 12)
  near.disconnect()
  yield* wait(world, 16)
  near.subscribe(world.history.isGone ? Infinity : world.history.floor)
}

/** The ledger fails over to a replica that had not seen the last commit. */
export function* failLedgerOver(world: World): Steps {
  yield* wait(world, 16)
  world.ledger.loseCommits(1)
}

/** So much time passes that whatever is held is past its lease, and what was learned before is no news. */
export function* passLease(world: World): Steps {
  yield* wait(world, world.random.below(16))
  world.now += LEASE + FILL_LIFE + 1
}

/** So much time passes that the session expires, unless it was written or touched since. */
export function* passLifetime(world: World): Steps {
  yield* wait(world, 4)
  world.now += LIFETIME
  const row = world.ledger.read()
  if (row && !world.ledger.isLive(row)) world.history.expired = row.version
}
