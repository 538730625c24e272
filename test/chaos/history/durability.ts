import { countUntil } from './acknowledged.js'
import type { Bounds } from './bounds.js'
import { groupBy } from './group-by.js'
import type { Operation } from './history.js'
import { isWitness, type SessionHistory, type Witness } from './session-history.js'
import { acknowledgedIn, mayBeGone } from './staleness.js'
import type { Findings } from './violation.js'

/**
 * Invariant 7, of contents: whoever reads or writes a version sees the keys of all acknowledged
 * writes of lower versions that had begun, and of the one that has it. With invariant 3, each read
 * past the staleness has every acknowledged key.
 */
export function checkKeysStay(history: SessionHistory, findings: Findings): void {
  const { session } = history
  const written = history.written.filter(({ operation }) => operation.key !== undefined)
  const versions = new Map(written.map(({ operation, seen }) => [operation, seen.version]))
  const writes: Writes = { written, versions, minted: groupBy(written, ({ seen }) => seen.version) }
  for (const witness of [...history.written, ...history.reads]) {
    const { operation, seen } = witness
    const lost = lostBelow(witness, writes) ?? lostOwn(witness, writes)
    if (!lost) continue
    const what = `version ${seen.version} lacks the acknowledged key '${lost.key ?? ''}'`
    findings.add(7, { session, what, operations: [lost, operation] })
  }
}

/**
 * Invariant 7, at the end: a session that was not destroyed is there, no older than anything
 * acknowledged, with all acknowledged keys; one that was destroyed is not. Where the end of any
 * session was looked at, that of each is.
 */
export function checkEnd(history: SessionHistory, bounds: Bounds, findings: Findings): void {
  const { session, finals, hasEnd, acknowledged, destroy } = history
  if (!hasEnd && acknowledged.length > 0) {
    const what = 'nobody looked at what was there at the end'
    findings.add(7, { session, what, operations: acknowledged.slice(0, 1) })
  }
  for (const final of finals) {
    const operation = isWitness(final) ? final.operation : final
    if (destroy && destroy.endedAt < operation.invokedAt) {
      if (!isWitness(final)) continue
      const what = 'it is there at the end, although it was destroyed'
      findings.add(7, { session, what, operations: [destroy, operation] })
    } else if (isWitness(final)) checkLiveEnd(history, final, findings)
    else checkAbsentEnd(history, { operation, bounds }, findings)
  }
}

function checkLiveEnd(history: SessionHistory, final: Witness, findings: Findings): void {
  const { session, acknowledged } = history
  const { operation, seen, writers } = final
  const promised = acknowledgedIn(history, { readsAcknowledge: true }).by(operation.invokedAt)
  if (promised && promised.seen.version > seen.version) {
    const what = `version ${promised.seen.version} was acknowledged, and ${seen.version} is the end`
    findings.add(7, { session, what, operations: [promised.operation, operation] })
  }
  const kept = new Set(writers)
  const isLost = (write: Operation) =>
    write.key !== undefined && write.endedAt <= operation.invokedAt && !kept.has(write)
  for (const write of acknowledged) {
    if (!isLost(write)) continue
    const what = `the acknowledged key '${write.key ?? ''}' is not there at the end`
    findings.add(7, { session, what, operations: [write, operation] })
  }
}

function checkAbsentEnd(
  history: SessionHistory,
  { operation, bounds }: { readonly operation: Operation; readonly bounds: Bounds },
  findings: Findings,
): void {
  const promised = acknowledgedIn(history, { readsAcknowledge: true }).by(operation.invokedAt)
  if (!promised || mayBeGone(history, operation, bounds)) return
  const what = `version ${promised.seen.version} was acknowledged, and nothing is there at the end`
  findings.add(7, {
    session: history.session,
    what,
    operations: [promised.operation, operation],
  })
}

/** The acknowledged writes that have a key. */
interface Writes {
  /** By version. */
  readonly written: readonly Witness[]
  readonly versions: ReadonlyMap<Operation, number>
  readonly minted: ReadonlyMap<number, readonly Witness[]>
}

/**
 * A write of a lower version that is not in it, though it had begun; one that began later breaks
 * invariant 2, not 7.
 */
function lostBelow(
  { operation, seen, writers }: Witness,
  { written, versions }: Writes,
): Operation | undefined {
  const due = countUntil(written, (write) => write.seen.version < seen.version)
  const found = writers.filter(
    (writer) => writer && (versions.get(writer) ?? Infinity) < seen.version,
  )
  // Counting is enough, nearly always; the search is only for what has a hole.
  if (found.length >= due) return undefined
  const kept = new Set(found)
  for (let index = 0; index < due; index++) {
    const write = written[index]!.operation
    if (!kept.has(write) && write.invokedAt < operation.endedAt) return write
  }
  return undefined
}

function lostOwn({ seen, writers }: Witness, { minted }: Writes): Operation | undefined {
  const isLost = (write: Witness) =>
    write.seen.hash === seen.hash && !writers.includes(write.operation)
  return minted.get(seen.version)?.find(isLost)?.operation
}
