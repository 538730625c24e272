import type { Bounds } from './bounds.js'
import { groupBy } from './group-by.js'
import type { Operation } from './history.js'
import { observersOf, type SessionHistory, type Witness } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 4, of contents: who saw a version that an acknowledged write has saw its hash; and
 * every key in a content was put there by a write that may have committed, and had begun.
 */
export function checkContents(
  history: SessionHistory,
  { losesReplies = false }: Bounds,
  findings: Findings,
): void {
  const { session, written } = history
  const writes = groupBy(written, ({ seen }) => seen.version)
  const observers = observersOf(history)
  for (const { operation, seen } of observers) {
    const minted = writes.get(seen.version)
    if (!minted || minted.some((write) => write.seen.hash === seen.hash)) continue
    const what = `version ${seen.version} was not read as it was written`
    const operations = [...minted.map((write) => write.operation), operation]
    findings.add(4, { session, what, operations })
  }
  for (const { operation, seen, writers } of [...written, ...observers]) {
    const index = writers.findIndex((writer) => !mayBeSeen(writer, operation, losesReplies))
    if (index === -1) continue
    const writer = writers[index]
    const what = `the key '${seen.keys[index] ?? ''}' was seen, which ${whyNot(writer, operation)}`
    findings.add(4, { session, what, operations: writer ? [writer, operation] : [operation] })
  }
}

/**
 * Invariant 4, of versions: each that was seen and that no acknowledged write has is the work of a
 * write of which nothing is known, one for each, that had begun by then. Answers those versions
 * that can't be.
 */
export function checkAttribution(history: SessionHistory, findings: Findings): Set<number> {
  const { session, written, unexplained } = history
  const minted = new Set(written.map(({ seen }) => seen.version))
  const invented = new Set<number>()
  let used = 0
  for (const { operation, seen } of firstSightings(observersOf(history))) {
    if (minted.has(seen.version)) continue
    const writer = unexplained[used]
    if (writer && writer.invokedAt <= operation.endedAt) {
      used++
      continue
    }
    invented.add(seen.version)
    const what = `version ${seen.version} was seen, which no unknown write can have`
    findings.add(4, { session, what, operations: [...unexplained.slice(0, 3), operation] })
  }
  return invented
}

function mayBeSeen(
  writer: Operation | undefined,
  { endedAt }: Operation,
  losesReplies: boolean,
): boolean {
  if (!writer || writer.invokedAt > endedAt) return false
  if (writer.result === 'unknown' || writer.outcome === 'written') return true
  return losesReplies && writer.outcome === 'gone'
}

function whyNot(writer: Operation | undefined, { endedAt }: Operation): string {
  if (!writer) return 'nobody wrote'
  return writer.invokedAt > endedAt ? 'was not written yet' : 'was not written at all'
}

/** Each version once, as it was seen first, in the order of these sightings. */
function firstSightings(witnesses: readonly Witness[]): Witness[] {
  const sightings = new Map<number, Witness>()
  const sorted = witnesses.toSorted((a, b) => a.operation.endedAt - b.operation.endedAt)
  for (const witness of sorted) {
    const { version } = witness.seen
    if (!sightings.has(version)) sightings.set(version, witness)
  }
  return [...sightings.values()]
}
