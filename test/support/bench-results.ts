import type { CaseResult, Results } from '../../bench/report/results.js'

/** A case of a benchmark with two contestants, one goal that is met and one that is missed. */
export function aCase(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    name: 'read-redis',
    title: 'Read, Redis hit',
    method: '64 reads in flight.',
    figures: [
      { contestant: 'Holdfast, Redis', perSecond: 23_456.7, cpuMicros: 41.234, p99: 3.1 },
      { contestant: 'connect-redis', perSecond: 15_432.1, p99: 6.1234, more: { 'KB sent': 12 } },
    ],
    goals: [
      { text: 'throughput against connect-redis', value: 1.52, unit: '×', atLeast: 1.3 },
      { text: 'latency (p99)', value: 3.1, unit: 'ms', atMost: 3 },
    ],
    ...changes,
  }
}

/** What a run of the benchmarks might have found. */
export function aRun(cases: readonly CaseResult[] = [aCase()]): Results {
  return {
    measuredAt: '2026-08-01T12:34:56.000Z',
    machine: { cpu: 'A CPU @ 2.10GHz', cores: 2, memoryGiB: 7.76, system: 'linux x64' },
    versions: { node: '20.20.2', 'connect-redis': '9.0.0' },
    cases,
  }
}
