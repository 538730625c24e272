import type { Bounds } from './bounds.js'
import type { History } from './history.js'
import type { SampleEvent } from './operation.js'
import type { Findings } from './violation.js'

/** Invariant 10: in each sample, each queue is as long as it may be at most, and so is the heap. */
export function checkQueues({ samples }: History, bounds: Bounds, findings: Findings): void {
  for (const sample of samples) {
    for (const excess of excessesIn(sample, bounds)) {
      const what = `${sample.worker} has ${excess}`
      findings.add(10, { what, lines: [JSON.stringify(sample)] })
    }
  }
}

function excessesIn({ queues, heapUsed }: SampleEvent, bounds: Bounds): string[] {
  const { queues: limits, heapUsed: mostHeap = Infinity } = bounds
  const excesses = heapUsed > mostHeap ? [`${heapUsed} bytes of heap, not ${mostHeap} at most`] : []
  if (!limits) return excesses
  for (const [queue, length] of Object.entries(queues)) {
    const limit = limits[queue]
    if (limit === undefined) excesses.push(`a queue ${queue}, of which no limit is known`)
    else if (length > limit) excesses.push(`${length} in ${queue}, not ${limit} at most`)
  }
  return excesses
}
