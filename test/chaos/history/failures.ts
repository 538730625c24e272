import type { Bounds } from './bounds.js'
import type { History } from './history.js'
import type { Findings } from './violation.js'

/** The error of an operation of which the coordinator can not say what it came to. */
export const UNDECIDED = 'Undecided'

/**
 * The errors that a server which fails may be to a caller. A cache that fails is none, and neither is a worker that
 * closes: what it has under way it finishes first, and nothing is asked of it after that.
 */
const TYPED: ReadonlySet<string | undefined> = new Set(['LedgerUnavailableError', UNDECIDED])

/**
 * Invariant 11: what fails does so with a typed error; and nothing fails that is asked for when all is quiet, nor, where
 * Postgres is not broken, at any time.
 */
export function checkFailures(
  { operations, quietAt }: History,
  { nothingFails = false }: Bounds,
  findings: Findings,
): void {
  for (const operation of operations) {
    if (!operation.completion || operation.result === 'ok') continue
    const { kind, session, error, invokedAt } = operation
    const failed = `a ${kind} failed with ${error ?? 'no error'}`
    const add = (what: string) => findings.add(11, { session, what, operations: [operation] })
    if (!TYPED.has(error)) add(`${failed}, which does not say that a server failed`)
    else if (nothingFails && error !== UNDECIDED) add(`${failed}, though Postgres was not broken`)
    else if (invokedAt >= quietAt) add(`${failed} when all was quiet`)
  }
}

/**
 * Invariant 7, of what a caller takes for stored: no write gives way. It does so only to who logs in or out of its session,
 * and no worker changes whose session it is.
 */
export function checkDrops({ operations }: History, findings: Findings): void {
  for (const operation of operations) {
    const { session, outcome } = operation
    if (outcome !== 'dropped') continue
    findings.add(7, { session, what: 'a write was dropped', operations: [operation] })
  }
}
