import { Acknowledged } from './acknowledged.js'
import { stalenessOf, type Bounds } from './bounds.js'
import type { Operation } from './history.js'
import type { SessionHistory, Witness } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 3: a read sees at least the highest version that had been acknowledged when it began,
 * less the staleness. Nothing is found (by a read, or a write that
 * is `gone`) only where the session had not been acknowledged then, a destroy had begun, or it had
 * expired.
 */
export function checkStaleness(history: SessionHistory, bounds: Bounds, findings: Findings): void {
  const { session } = history
  const acknowledged = acknowledgedIn(history, bounds)
  const promisedTo = (operation: Operation) =>
    acknowledged.by(operation.invokedAt - stalenessOf(bounds, operation, history))
  for (const { operation, seen } of history.reads) {
    const promised = promisedTo(operation)
    if (!promised || promised.seen.version <= seen.version) continue
    const { version } = promised.seen
    const what = `version ${seen.version} was read after version ${version} had been acknowledged`
    findings.add(3, { session, what, operations: [promised.operation, operation] })
  }
  for (const operation of history.absences) {
    const promised = promisedTo(operation)
    if (!promised || mayBeGone(history, operation, bounds)) continue
    const { version } = promised.seen
    const what = `nothing was found after version ${version} had been acknowledged`
    findings.add(3, { session, what, operations: [promised.operation, operation] })
  }
}

/** What was acknowledged: what was written, and, unless the bounds say otherwise, what was read. */
export function acknowledgedIn(
  { written, reads }: SessionHistory,
  { readsAcknowledge = false }: Bounds,
): Acknowledged {
  return new Acknowledged([...written, ...(readsAcknowledge ? reads : [])] satisfies Witness[])
}

/** Whether an operation had a reason to find nothing, although the session had been there. */
export function mayBeGone(
  { session, attempt }: SessionHistory,
  { endedAt }: Operation,
  { expiry }: Bounds,
): boolean {
  return (attempt?.invokedAt ?? Infinity) <= endedAt || (expiry?.(session) ?? Infinity) <= endedAt
}
