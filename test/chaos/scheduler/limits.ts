import type { Bounds } from '../history/bounds.js'

/**
 * The most that may wait in a worker with some ten operations under way, and the most that its heap may hold, whatever
 * is broken. What is kept for each session (a touch, a removal that is not durable yet, a repair) may be more.
 */
export const USUAL_LIMITS: Pick<Bounds, 'queues' | 'heapUsed'> = {
  queues: {
    ...{ writes: 100, reads: 100, chained: 100, lists: 100, unanswered: 100 },
    ...{ removals: 500, touches: 500, repairs: 500, untold: 500, unknown: 500 },
  },
  heapUsed: 64 * 1_048_576,
}
