import type { History } from '../history/history.js'
import type { OperationKind } from '../history/operation.js'
import { Happenings } from '../scheduler/happenings.js'

/** What a round of a few seconds comes to before it is quiet, whatever goes wrong in it for a moment. */
const OF_A_ROUND = { read: 400, write: 80, touch: 10, destroy: 4 } as const

/** How much of what was asked for is answered, of each kind and all in all. */
const PART_ANSWERED = 0.75

/** How many operations of a kind there were, and how many of them were `ok`. */
export interface Answered {
  readonly asked: number
  readonly ok: number
}

/** What happened too seldom in a round to show anything, in words; one with a long outage is not to be asked. */
export function shortfallsOf(history: History): readonly string[] {
  const { operations, quietAt } = history
  const happened = new Happenings({ ok: OF_A_ROUND })
  const busy = operations.filter(({ invokedAt }) => invokedAt < quietAt)
  happened.add({ history: { ...history, operations: busy }, events: {} })
  return happened.shortfalls()
}

/** Which kinds of operations failed so often in a whole soak that it shows nothing, in words. */
export function mostlyFailed(counts: ReadonlyMap<OperationKind, Answered>): readonly string[] {
  return Object.keys(OF_A_ROUND).flatMap((kind) => {
    const { asked, ok } = counts.get(kind as OperationKind) ?? { asked: 0, ok: 0 }
    if (asked > 0 && ok >= PART_ANSWERED * asked) return []
    return `Too little was answered: ${ok} of ${asked} ${kind}s`
  })
}
