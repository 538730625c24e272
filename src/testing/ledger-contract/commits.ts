import assert from 'node:assert/strict'
import { aChange, anId, aRecord, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import {
  BRIEF,
  commitOne,
  committed,
  HOUR,
  kindHeld,
  liveRecord,
  onlySummary,
  soon,
} from './ledger-check.js'

/** What becomes of one change, by what is held. */
export const commits: readonly LedgerCheck[] = [
  {
    name: 'mints version 1 for the first commit of a session',
    async check(open) {
      const change = aChange()

      const record = await committed(await open(), change)

      assert.equal(record.version, 1)
      assert.equal(record.id, change.id)
      assert.equal(record.writeId, change.writeId)
      assert.equal(record.data, change.data)
    },
  },
  {
    name: 'mints the next version for an update of the version held',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger)

      const record = await committed(ledger, { id: first.id, base: first, data: 'later' })

      assert.equal(record.version, 2)
      assert.deepEqual(await liveRecord(ledger, first.id), record)
    },
  },
  {
    name: 'shows a commit to another ledger over the same storage',
    async check(open) {
      const record = await committed(await open())

      assert.deepEqual(await liveRecord(await open(), record.id), record)
    },
  },
  {
    name: 'gives the outcomes in the order of the changes, and commits those that can be',
    async check(open) {
      const ledger = await open()
      const held = await committed(ledger)
      const changes = [
        aChange({ base: aRecord() }),
        aChange(),
        aChange({ id: held.id }),
        aChange(),
        aChange({ base: aRecord({ version: 7 }) }),
      ]

      const outcomes = await ledger.commit(changes)

      const kinds = outcomes.map(({ kind }) => kind)
      assert.deepEqual(kinds, ['gone', 'committed', 'conflict', 'committed', 'gone'])
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.kind === 'gone' ? undefined : outcome.record.id)),
        [undefined, changes[1]?.id, held.id, changes[3]?.id, undefined],
      )
    },
  },
  {
    name: 'never inserts by an update: of what is absent it is gone',
    async check(open) {
      const ledger = await open()
      const id = anId()

      const outcome = await commitOne(ledger, { id, base: aRecord() })

      assert.deepEqual(outcome, { kind: 'gone', revoked: false })
      assert.equal(await kindHeld(ledger, id), 'absent')
    },
  },
  {
    name: 'never revives by an update: of what has expired it is gone',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger, { ttl: BRIEF })
      await soon()

      const outcome = await commitOne(ledger, { id: first.id, base: first })

      assert.deepEqual(outcome, { kind: 'gone', revoked: false })
      assert.equal(await kindHeld(ledger, first.id), 'absent')
    },
  },
  {
    name: 'answers an update of an older version with a conflict, and the record held',
    async check(open) {
      const ledger = await open()
      const first = await committed(ledger)
      const { id } = first
      const held = await committed(ledger, { id, base: first, data: 'theirs' })

      const outcome = await commitOne(ledger, { id, base: first, data: 'mine' })

      assert.deepEqual(outcome, { kind: 'conflict', record: held })
      assert.deepEqual(await liveRecord(ledger, id), held)
    },
  },
  {
    name: 'answers an insert where a session is held with a conflict, and the record held',
    async check(open) {
      const ledger = await open()
      const held = await committed(ledger)

      const outcome = await commitOne(ledger, { id: held.id, data: 'mine' })

      assert.deepEqual(outcome, { kind: 'conflict', record: held })
    },
  },
  {
    name: 'takes the place of a session that has expired, with a higher version',
    async check(open) {
      const ledger = await open()
      const { id, version } = await committed(ledger, { ttl: BRIEF, data: 'before' })
      await soon()

      const record = await committed(ledger, { id, data: 'after' })

      assert.ok(record.version > version)
      assert.deepEqual(await liveRecord(ledger, id), record)
    },
  },
  {
    name: 'leaves nothing of an expired session in the one that takes its place',
    async check(open) {
      const ledger = await open()
      const before = { userId: 'ada', device: { ip: '192.0.2.1', userAgent: 'before' } }
      const { id } = await committed(ledger, { ...before, ttl: BRIEF, absoluteTtl: BRIEF })
      await soon()

      const record = await committed(ledger, { id, device: { ip: '192.0.2.2' } })

      const summary = await onlySummary(ledger)
      assert.equal(record.absoluteExpiresAt, undefined)
      assert.equal(summary.userId, undefined)
      assert.equal(summary.ip, '192.0.2.2')
      assert.equal(summary.userAgent, undefined)
      assert.ok(summary.createdAt > record.expiresAt - HOUR - BRIEF)
    },
  },
  {
    name: 'commits a retried insert once: the same writeId is found',
    async check(open) {
      const ledger = await open()
      const change = aChange()
      const record = await committed(ledger, change)

      assert.deepEqual(await committed(ledger, change), record)
    },
  },
  {
    name: 'commits a retried update once: the same writeId is found',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger)
      const change = aChange({ id: base.id, base, data: 'mine' })
      const record = await committed(ledger, change)

      assert.deepEqual(await committed(ledger, change), record)
    },
  },
  {
    name: 'answers a retry with a conflict where another write came after it',
    async check(open) {
      const ledger = await open()
      const change = aChange()
      const base = await committed(ledger, change)
      const held = await committed(ledger, { id: base.id, base })

      assert.deepEqual(await commitOne(ledger, change), { kind: 'conflict', record: held })
    },
  },
  {
    name: 'answers a retry with gone where the session was ended after it',
    async check(open) {
      const ledger = await open()
      const change = aChange()
      await committed(ledger, change)
      await ledger.revoke([aRevocation({ id: change.id })])

      assert.deepEqual(await commitOne(ledger, change), { kind: 'gone', revoked: true })
    },
  },
]
