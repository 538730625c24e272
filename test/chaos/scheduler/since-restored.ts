import { UNDECIDED } from '../history/failures.js'
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
    const isPromised = invokedAt > at && seen?.tier === 'postgres'
    if (kind === 'write' && invokedAt <= at) judged.set(operation, toUnknown(operation))
    else if (kind !== 'read' || isPromised || isNeverRight(operation))
      judged.set(operation, operation)
  }
  const writers = [...history.writers].map(([key, write]) => [key, judged.get(write)!] as const)
  return { ...history, operations: [...judged.values()], writers: new Map(writers) }
}

/** Failures, and what belongs to another session, are so whatever was undone. */
function isNeverRight({ result, seen, session }: Operation): boolean {
  return result !== 'ok' || (seen !== undefined && seen.label !== session)
}

function toUnknown(write: Operation): Operation {
  const { error = UNDECIDED } = write
  return { ...write, result: 'unknown', outcome: undefined, seen: undefined, error }
}
