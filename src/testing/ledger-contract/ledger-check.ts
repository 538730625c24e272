import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Change, CommitOutcome, SessionLedger } from '../../core/ledger.js'
import type { SessionRecord, SessionSummary } from '../../core/record.js'
import type { SessionId } from '../../core/session-id.js'
import { aChange } from '../fixtures.js'

/**
 * Opens a ledger of the context, `web` unless given. What one check opens shares its storage, as
 * processes share a database; the storage is empty when the check begins. The opener's owner closes
 * what was opened.
 */
export type OpenLedger = (options?: { readonly context?: string }) => Promise<SessionLedger>

/** One promise of a ledger, and how to see that it is kept. */
export interface LedgerCheck {
  /** The promise: a sentence in the present. */
  readonly name: string

  /** Rejects with an `AssertionError` where the promise is not kept. */
  check(open: OpenLedger): Promise<void>
}

const SECOND = 1000

/** ms. */
export const HOUR = 3600 * SECOND

/** A lifetime that is over after {@link soon}. */
export const BRIEF = 5

/**
 * Waits for what has a lifetime of {@link BRIEF} to be over; the ledger's own clock is the point.
 */
export async function soon(): Promise<void> {
  await delay(4 * BRIEF)
}

/** Commits one change, and gives its outcome. */
export async function commitOne(
  ledger: SessionLedger,
  change: Partial<Change> = {},
): Promise<CommitOutcome> {
  const [outcome] = await ledger.commit([aChange(change)])
  assert.ok(outcome, 'a commit has one outcome a change')
  return outcome
}

/** Commits one change that has to take, and gives the record. */
export async function committed(
  ledger: SessionLedger,
  change: Partial<Change> = {},
): Promise<SessionRecord> {
  const outcome = await commitOne(ledger, change)
  assert.ok(outcome.kind === 'committed', `the change is ${outcome.kind}`)
  return outcome.record
}

/** The live record held for an id, or `undefined`. */
export async function liveRecord(
  ledger: SessionLedger,
  id: SessionId,
): Promise<SessionRecord | undefined> {
  const held = (await ledger.read([id])).get(id)
  return held?.kind === 'live' ? held.record : undefined
}

/** What is held for an id: `live`, `tombstone` or `absent`. */
export async function kindHeld(ledger: SessionLedger, id: SessionId): Promise<string> {
  return (await ledger.read([id])).get(id)?.kind ?? 'absent'
}

/** The only session of the list. */
export async function onlySummary(ledger: SessionLedger): Promise<SessionSummary> {
  const [summary, ...others] = await ledger.list({ limit: 10 })
  assert.ok(summary, 'the list is empty')
  assert.equal(others.length, 0)
  return summary
}

/** That two times are the same but for the way between two machines, and for how busy they are. */
export function assertNear(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) < 10 * SECOND,
    `${actual} is ${Math.abs(actual - expected)} ms from ${expected}`,
  )
}
