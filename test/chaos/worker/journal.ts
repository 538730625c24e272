import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { Completion, Invocation, SeenSession } from '../history/operation.js'
import type { WorkerLine } from './commands.js'

const STDOUT = 1

/** What is in a session of the chaos suite. */
export interface ChaosContent {
  readonly label: string
  readonly userId?: string

  /** One for each write, under a key of its own: merged, none is lost. */
  readonly keys: Readonly<Record<string, true>>
}

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

/** A committed version as the history has it. */
export function seenOf(
  { version, raw }: { readonly version: number; readonly raw: string },
  tier?: string,
): SeenSession {
  const { label, keys } = JSON.parse(raw) as ChaosContent
  const hash = createHash('sha256').update(raw).digest('base64url')
  const seen = { version, hash, label, keys: Object.keys(keys) }
  return tier === undefined ? seen : { ...seen, tier }
}

/** Where the ledger did not answer, a change may have happened, or may happen still. */
function isUnknown({ kind }: Asked, error: unknown): boolean {
  return (kind === 'write' || kind === 'destroy') && nameOf(error) === 'LedgerUnavailableError'
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}
