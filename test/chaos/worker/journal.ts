import { writeSync } from 'node:fs'
import type { Completion, Invocation } from '../history/operation.js'
import type { WorkerLine } from './commands.js'

const STDOUT = 1

/** An operation as it is asked for, and what it came to. */
type Asked = Pick<Invocation, 'kind' | 'session' | 'key'>
type Came<T> = Pick<Completion, 'seen' | 'outcome'> & { readonly value: T }

/** CLOCK_MONOTONIC, which all processes of a machine share. ms. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * Prints a line. It is out before this returns, so that a kill loses none; `process.stdout` would keep what the pipe
 * has no room for.
 */
export function print(line: WorkerLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at)
}

/** Tells each operation of one worker as it begins and as it ends. */
export class Journal {
  #operations = 0

  constructor(private readonly worker: string) {}

  /** A key that no other write puts into a session. */
  nextKey(): string {
    return `${this.worker}:${this.#operations + 1}`
  }

  /** Does an operation, and answers what it came to, or `undefined` where it failed. */
  async record<T>(asked: Asked, perform: () => Promise<Came<T>>): Promise<T | undefined> {
    const operation = `${this.worker}-${++this.#operations}`
    print({ type: 'invoke', operation, worker: this.worker, ...asked, at: monotonicNow() })
    try {
      const { value, ...came } = await perform()
      print({ type: 'ok', operation, at: monotonicNow(), ...came })
      return value
    } catch (error) {
      const type = isUnknown(asked, error) ? 'unknown' : 'fail'
      print({ type, operation, at: monotonicNow(), error: nameOf(error) })
      return undefined
    }
  }
}

/** Where the ledger did not answer, a change may have happened, or may happen still. */
function isUnknown({ kind }: Asked, error: unknown): boolean {
  return (kind === 'write' || kind === 'destroy') && nameOf(error) === 'LedgerUnavailableError'
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}
