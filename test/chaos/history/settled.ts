import type { Bounds } from './bounds.js'
import type { Operation } from './history.js'
import { isWitness, type SessionHistory } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 3, when all is mended and quiet: whoever reads then sees what the ledger holds, also where that was never
 * acknowledged. Nobody may know what is orphaned; and what was destroyed is invariant 5.
 */
export function checkSettled(history: SessionHistory, bounds: Bounds, findings: Findings): void {
  const { session, finals, reads, absences, destroy, quietAt, isOrphaned } = history
  const [final] = finals
  if (!final || isOrphaned || destroy) return
  const end = isWitness(final) ? final.operation : final
  const held = isWitness(final) ? final.seen.version : undefined
  const isSettled = ({ invokedAt }: Operation) => invokedAt >= quietAt
  const mayHaveExpired = (bounds.expiry?.(session) ?? Infinity) <= end.endedAt
  const add = (operation: Operation, found: string) => {
    const what = `${found} when all was quiet, and the ledger has ${held ?? 'nothing'}`
    findings.add(3, { session, what, operations: [operation, end] })
  }
  for (const { operation, seen } of reads) {
    const isExact = held === undefined ? mayHaveExpired : seen.version >= held
    if (isSettled(operation) && !isExact) add(operation, `version ${seen.version} was read`)
  }
  for (const operation of absences) {
    if (isSettled(operation) && held !== undefined) add(operation, 'nothing was found')
  }
}
