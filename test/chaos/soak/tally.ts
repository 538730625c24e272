import type { History } from '../history/history.js'
import type { OperationKind } from '../history/operation.js'
import type { Sample } from '../worker/commands.js'
import { mostlyFailed, type Answered } from './least.js'

const MEGABYTE = 1_048_576
const TENTHS = 10

/** Counts by name. */
class Counts {
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  lines(): string[] {
    const sorted = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return sorted.map(([name, count]) => `  ${name}: ${count}`)
  }
}

/** What a soak came to so far: numbers only, however long it takes. */
export class Tally {
  readonly operations = new Counts()
  readonly faults = new Counts()
  violations = 0
  rounds = 0
  readonly #answered = new Map<OperationKind, Answered>()
  readonly #heaps: number[] = []
  readonly #queues: number[] = []

  /** Takes a round. */
  add({ operations, faults }: History, violations: number): void {
    for (const { kind, result, seen } of operations) {
      const by = kind === 'read' && seen?.tier ? `, by ${seen.tier}` : ''
      this.operations.add(`${kind} ${result}${by}`)
      const { asked, ok } = this.#answered.get(kind) ?? { asked: 0, ok: 0 }
      this.#answered.set(kind, { asked: asked + 1, ok: result === 'ok' ? ok + 1 : ok })
    }
    for (const { fault } of faults) {
      const name = fault.replace(/: begins$/, '')
      if (!fault.endsWith(': ends'))
        this.faults.add(name.replace(/ \d+ (killed|frozen)$| for worker \d+$/, ' $1').trim())
    }
    this.violations += violations
    this.rounds++
  }

  /** Takes a look at one worker. */
  look({ heapUsed, queues }: Sample): void {
    this.#heaps.push(heapUsed / MEGABYTE)
    this.#queues.push(Object.values(queues).reduce((sum, waiting) => sum + waiting, 0))
  }

  /** What keeps it from showing anything, in words. */
  shortfalls(): readonly string[] {
    return mostlyFailed(this.#answered)
  }

  /** One line. */
  progress(): string {
    const heap = this.#heaps.at(-1)?.toFixed(1) ?? '?'
    return [
      `${this.rounds} rounds`,
      `${this.operations.total} operations`,
      `${this.faults.total} faults`,
      `${this.violations} violations`,
      `heap ${heap} MB`,
      `${this.#queues.at(-1) ?? '?'} queued`,
    ].join(', ')
  }

  /** Everything. */
  summary(): string {
    return [
      `operations: ${this.operations.total}`,
      ...this.operations.lines(),
      `faults: ${this.faults.total}`,
      ...this.faults.lines(),
      `violations: ${this.violations}`,
      ...this.shortfalls(),
      `heap of a worker, MB: ${trend(this.#heaps)}`,
      `queued in a worker: ${trend(this.#queues)}`,
    ].join('\n')
  }
}

function trend(values: readonly number[]): string {
  const tenth = Math.max(1, Math.floor(values.length / TENTHS))
  const [first, last] = [values.slice(0, tenth), values.slice(-tenth)]
  return `first tenth ${describe(first)}, last tenth ${describe(last)}`
}

function describe(values: readonly number[]): string {
  if (values.length === 0) return 'none'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return `${mean.toFixed(1)} (at most ${Math.max(...values).toFixed(1)})`
}
