import type { Bounds, LatencyLimits } from './bounds.js'
import type { History, Operation } from './history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 9: each operation ends within the limit of its kind, and has an end unless its worker
 * was killed.
 */
export function checkLatency(
  { operations, killed }: History,
  bounds: Bounds,
  findings: Findings,
): void {
  for (const operation of operations) {
    const what = operation.completion
      ? lateness(operation, bounds)
      : hangs(operation, killed.has(operation.worker))
    if (what) findings.add(9, { session: operation.session, what, operations: [operation] })
  }
}

function hangs({ kind, worker }: Operation, isKilled: boolean): string | undefined {
  return isKilled ? undefined : `a ${kind} of ${worker}, which was not killed, has no end`
}

function lateness(operation: Operation, bounds: Bounds): string | undefined {
  const { kind, invokedAt, endedAt } = operation
  const limit = limitOf(operation, bounds)
  const took = endedAt - invokedAt
  return took > limit ? `a ${kind} took ${took.toFixed(1)} ms, not ${limit} at most` : undefined
}

function limitOf({ kind, invokedAt, endedAt }: Operation, bounds: Bounds): number {
  const { latency = {}, windows = [] } = bounds
  const limit = (limits: LatencyLimits) => limits[kind] ?? Infinity
  const overlapped = windows.filter(({ from, to }) => from <= endedAt && invokedAt <= to)
  if (overlapped.length === 0) return limit(latency)
  return Math.max(...overlapped.map((window) => limit(window.latency)))
}
