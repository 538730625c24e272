import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SessionLedger } from '../../core/ledger.js'
import type { CommitName, SessionRecord } from '../../core/record.js'
import type { LedgerCheck } from './ledger-check.js'
import { BRIEF, commitOne, committed, liveRecord, soon } from './ledger-check.js'

/**
 * What holds where a failover has lost commits, which writers and caches still know: a version
 * alone names none. No ledger can be asked to lose some, so that the writers here name what was
 * never committed.
 */
export const lostCommits: readonly LedgerCheck[] = [
  {
    name: 'answers an update upon another commit of the version held with a conflict',
    async check(open) {
      const ledger = await open()
      const held = await committed(ledger)

      const outcome = await commitOne(ledger, { id: held.id, base: lost(held.version) })

      assert.deepEqual(outcome, { kind: 'conflict', record: held })
      assert.deepEqual(await liveRecord(ledger, held.id), held)
    },
  },
  {
    name: 'answers an update upon a commit that was lost with a conflict, and the older record held',
    async check(open) {
      const ledger = await open()
      const held = await committed(ledger)

      const outcome = await commitOne(ledger, { id: held.id, base: lost(9) })

      assert.deepEqual(outcome, { kind: 'conflict', record: held })
      assert.deepEqual(await liveRecord(ledger, held.id), held)
    },
  },
  {
    name: 'mints above the highest version that the writer has seen, and above the one held',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger)
      const { id } = first

      const past = await committed(ledger, { id, base: first, above: 9 })
      const next = await committed(ledger, { id, base: past, above: 3 })

      assert.deepEqual([past.version, next.version], [10, 11])
    },
  },
  {
    name: 'inserts above the highest version that the writer has seen',
    async check(open) {
      const ledger = await open()
      const expired = await committed(ledger, { above: 4, ttl: BRIEF })
      await soon()

      const record = await committed(ledger, { id: expired.id, above: 9 })

      assert.deepEqual([expired.version, record.version], [5, 10])
    },
  },
  {
    name: 'keeps what two writers changed, of whom one began from a commit that was lost',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger)
      const seen = lost(2)
      const theirs = await committed(ledger, { id: first.id, base: first, data: 'theirs' })
      assert.equal(theirs.version, seen.version)

      const mine = await writeMerged(ledger, { base: seen, id: first.id })

      assert.equal(mine.data, 'theirs and mine')
      assert.equal(mine.version, 3)
      assert.deepEqual(await liveRecord(ledger, first.id), mine)
    },
  },
  {
    name: 'commits a retry once whose base was met behind a commit that was lost',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger)
      const change = { id: first.id, base: first, above: 9, writeId: randomUUID() }
      const record = await committed(ledger, change)

      assert.deepEqual(await committed(ledger, change), record)
    },
  },
]

/** A commit of this version of which the ledger knows nothing. */
function lost(version: number): CommitName {
  return { version, writeId: randomUUID() }
}

/** Meets what is held, and writes upon that, above what was seen, as an engine does. */
async function writeMerged(
  ledger: SessionLedger,
  { base, id }: { base: CommitName; id: SessionRecord['id'] },
): Promise<SessionRecord> {
  const outcome = await commitOne(ledger, { id, base, data: 'mine' })
  assert.ok(outcome.kind === 'conflict', `the change is ${outcome.kind}`)
  const { record } = outcome
  const above = Math.max(base.version, record.version)
  return committed(ledger, { id, base: record, above, data: `${record.data} and mine` })
}
