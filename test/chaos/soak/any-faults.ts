import type { Random } from '../../model/random.js'
import {
  blackholed,
  cut,
  repliesDropped,
  repliesSwapped,
  reset,
  slow,
} from '../scheduler/network-faults.js'
import { setBackBy } from '../scheduler/redis-faults.js'
import type { Fault, TimedFault } from '../scheduler/scenario.js'
import {
  connectionsTerminated,
  evicting,
  flushed,
  frozen,
  killed,
  outOfMemory,
  statementsCancelled,
  subscribersKilled,
  workerFrozen,
  workerKilled,
} from '../scheduler/server-faults.js'

/** In each slot of a load one thing goes wrong, or one of two kinds. ms. */
const SLOT = 2_000
const LONGEST = 1_200
const SECOND_FAULT = 0.3

/** All that can go wrong, by what it happens to: two of one kind at once would undo each other. */
const kinds: readonly (readonly ((worker: number) => Fault)[])[] = [
  [
    () => killed('redis'),
    () => setBackBy(300),
    () => frozen('redis'),
    () => cut('redis'),
    (worker) => cut('redis', { worker }),
    () => cut('redis', { only: 'subscribers' }),
    (worker) => blackholed('redis', { worker }),
    () => blackholed('redis', { only: 'subscribers', direction: 'replies' }),
    () => slow('redis', 100),
    () => reset('redis'),
    () => repliesDropped('redis', 3),
    (worker) => repliesSwapped(3, { worker }),
    () => flushed(),
    () => outOfMemory(),
    () => evicting(),
    () => subscribersKilled(),
  ],
  [
    () => killed('postgres'),
    () => frozen('postgres'),
    () => cut('postgres'),
    (worker) => cut('postgres', { worker }),
    (worker) => blackholed('postgres', { worker, direction: 'replies' }),
    () => slow('postgres', 20),
    () => reset('postgres'),
    () => repliesDropped('postgres', 2),
    () => statementsCancelled(),
    () => connectionsTerminated(),
  ],
  [(worker) => workerFrozen(worker), (worker) => workerKilled(worker)],
]

/** What goes wrong for long, once in a while, and how long that is. ms. */
export const longOnes: readonly { readonly fault: Fault; readonly ms: number }[] = [
  { fault: frozen('redis'), ms: 10_000 },
  { fault: killed('postgres'), ms: 30_000 },
  { fault: killed('redis'), ms: 20_000 },
  { fault: frozen('postgres'), ms: 10_000 },
]

/** What goes wrong in a load that takes so long, ms. The first worker is never killed: its memory is watched. */
export function anyFaults(ms: number, random: Random, workers: number): readonly TimedFault[] {
  const slots = Array.from({ length: Math.floor(ms / SLOT) }, (_, slot) => slot * SLOT)
  return slots.flatMap((from) => {
    const first = random.below(kinds.length)
    const chosen = [first]
    if (random.chance(SECOND_FAULT)) chosen.push((first + 1) % kinds.length)
    return chosen.map((kind): TimedFault => {
      const faults = kinds[kind]!
      const fault = faults[random.below(faults.length)]!(1 + random.below(workers - 1))
      return { fault, at: [from, from + SLOT - LONGEST], lasts: [LONGEST / 6, LONGEST] }
    })
  })
}
