import { stalenessOf, type Bounds } from './bounds.js'
import type { SessionHistory } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariants 5 and 6: no read that began after the end of a destroy that is `ok`, and later than
 * the staleness, sees the session; and no write that began after it is written. A destroy that
 * failed, or whose outcome is unknown, promises nothing.
 */
export function checkDestroys(history: SessionHistory, bounds: Bounds, findings: Findings): void {
  const { session, destroy, reads, acknowledged } = history
  if (!destroy) return
  for (const { operation, seen } of reads) {
    const staleness = stalenessOf(bounds, operation, history)
    if (operation.invokedAt <= destroy.endedAt + staleness) continue
    const what = `version ${seen.version} was read after the session was destroyed`
    findings.add(5, { session, what, operations: [destroy, operation] })
  }
  for (const operation of acknowledged) {
    if (operation.invokedAt <= destroy.endedAt) continue
    const what = 'a write was accepted after the session was destroyed'
    findings.add(6, { session, what, operations: [destroy, operation] })
  }
}
