import type { History, Operation } from '../history/history.js'
import { RESTORED } from './postgres-faults.js'

/**
 * What is to be judged of a history in which the ledger was restored to an older copy. Acknowledgements from before are
 * void: those writes may be there or not. What Redis still shows of them is no promise of the ledger's, so only what
 * Postgres itself answered afterwards counts. All that was asked for after the restore, and acknowledged, must stay.
 */
export function sinceRestored(history: History): History {
  const at = history.faults.find(({ fault }) => fault === RESTORED)?.at ?? -Infinity
  const judged = new Map<Operation, Operation>()
  for (const operation of history.operations) {
    const { kind, invokedAt, seen } = operation
    if (kind === 'write' && invokedAt <= at) judged.set(operation, toUnknown(operation))
    else if (kind === 'read' && (invokedAt <= at || seen?.tier !== 'postgres')) continue
    else judged.set(operation, operation)
  }
  const writers = [...history.writers].map(([key, write]) => [key, judged.get(write)!] as const)
  return { ...history, operations: [...judged.values()], writers: new Map(writers) }
}

function toUnknown(write: Operation): Operation {
  return { ...write, result: 'unknown', outcome: undefined, seen: undefined, error: 'Restored' }
}
