import type { Operation } from '../history/history.js'

/** How long what Redis, or the process's own memory, answers may be out of date, ms. */
export interface Staleness {
  readonly redis?: number

  /** Default: as `redis`. */
  readonly near?: number
}

/**
 * A bound by the tier that answered: what Postgres says is never out of date, nor is it ever said without a reason that
 * there is no session.
 */
export function staleBy({ redis = 0, near = redis }: Staleness): (operation: Operation) => number {
  const bounds: Readonly<Record<string, number>> = { redis, near }
  return ({ seen }) => bounds[seen?.tier ?? ''] ?? 0
}
