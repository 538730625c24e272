import { Acknowledged } from './acknowledged.js'
import { observersOf, type SessionHistory, type Witness } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 1: no two acknowledged writes have one version, unless they are the same (one content,
 * and at most one of them with a key); and all who saw a version that no acknowledged write has saw
 * one hash.
 */
export function checkUniqueVersions(history: SessionHistory, findings: Findings): void {
  const { session, written } = history
  const writers = new Map<number, Witness>()
  for (const write of written) {
    const first = firstOf(writers, write)
    if (areSame(first, write)) continue
    const what = `two acknowledged writes have version ${write.seen.version}`
    findings.add(1, { session, what, operations: [first.operation, write.operation] })
  }
  const observers = new Map<number, Witness>()
  for (const observer of observersOf(history)) {
    if (writers.has(observer.seen.version)) continue
    const first = firstOf(observers, observer)
    if (first.seen.hash === observer.seen.hash) continue
    const what = `version ${observer.seen.version} was seen with two contents`
    findings.add(1, { session, what, operations: [first.operation, observer.operation] })
  }
}

/** Invariant 2: an acknowledged write that began after another had ended has no lower version. */
export function checkOrder({ session, written }: SessionHistory, findings: Findings): void {
  const acknowledged = new Acknowledged(written)
  for (const { operation, seen } of written) {
    const before = acknowledged.before(operation.invokedAt)
    if (!before || before.seen.version <= seen.version) continue
    const highest = before.seen.version
    const what = `version ${highest} was acknowledged before the write of ${seen.version} began`
    findings.add(2, { session, what, operations: [before.operation, operation] })
  }
}

function areSame(a: Witness, b: Witness): boolean {
  if (a === b) return true
  const hasOneKey = a.operation.key === undefined || b.operation.key === undefined
  return a.seen.hash === b.seen.hash && hasOneKey
}

function firstOf(versions: Map<number, Witness>, witness: Witness): Witness {
  const { version } = witness.seen
  const first = versions.get(version) ?? witness
  versions.set(version, first)
  return first
}
