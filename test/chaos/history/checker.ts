import type { Bounds } from './bounds.js'
import { checkDestroys } from './destroys.js'
import { checkEnd, checkKeysStay } from './durability.js'
import { checkDrops, checkFailures } from './failures.js'
import type { History } from './history.js'
import { checkLatency } from './latency.js'
import { checkQueues } from './queues.js'
import { isWitness, toSessions, type SessionHistory } from './session-history.js'
import { checkSettled } from './settled.js'
import { checkStaleness } from './staleness.js'
import { checkAttribution, checkContents } from './values.js'
import { checkOrder, checkUniqueVersions } from './versions.js'
import { Findings, type Violation } from './violation.js'

/**
 * Decides whether a history keeps the eleven invariants, within the bounds of its scenario: nothing is
 * found in one that does. Of one invariant and one session, at most ten violations are told.
 *
 * A session's label is that of one life: it is not created again after its end, and all its writes
 * are in the history. Takes time in proportion to the length of the logs, and n log n for sorting.
 */
export function check(history: History, bounds: Bounds = {}): Violation[] {
  const findings = new Findings()
  const isEndSeen = history.operations.some(
    ({ kind, result }) => kind === 'final' && result === 'ok',
  )
  for (const session of toSessions(history, bounds, findings)) {
    checkUniqueVersions(session, findings)
    checkOrder(session, findings)
    checkContents(session, bounds, findings)
    const sound = without(session, checkAttribution(session, findings))
    checkStaleness(sound, bounds, findings)
    checkSettled(sound, bounds, findings)
    checkDestroys(session, bounds, findings)
    checkKeysStay(sound, findings)
    if (isEndSeen) checkEnd(sound, bounds, findings)
  }
  checkDrops(history, findings)
  checkLatency(history, bounds, findings)
  checkQueues(history, bounds, findings)
  checkFailures(history, bounds, findings)
  return findings.violations
}

/** What was seen of a version that nobody can have written is no measure for what others saw. */
function without(history: SessionHistory, invented: ReadonlySet<number>): SessionHistory {
  if (invented.size === 0) return history
  return {
    ...history,
    reads: history.reads.filter(({ seen }) => !invented.has(seen.version)),
    finals: history.finals.filter(
      (final) => !isWitness(final) || !invented.has(final.seen.version),
    ),
  }
}
