import { LIFETIME } from './ledger-model.js'
import type { Steps } from './schedule.js'
import type { World } from './world.js'

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
  yield* wait(world, 6)
  const snapshot = world.cache.snapshot()
  yield* wait(world, 16)
  world.cache.restart(snapshot)
}

/** The ledger is out of reach for a while. */
export function* ledgerOutage({ ledger, random }: World): Steps {
  yield 'takes the ledger away'
  ledger.isDown = true
  for (let left = random.below(20); left > 0; left -= 1) yield 'keeps the ledger away'
  ledger.isDown = false
}

/** So much time passes that the session expires, unless it was written or touched since. */
export function* passLifetime(world: World): Steps {
  yield* wait(world, 4)
  world.now += LIFETIME
  const row = world.ledger.read()
  if (row && !world.ledger.isLive(row)) world.history.expired = row.version
}
