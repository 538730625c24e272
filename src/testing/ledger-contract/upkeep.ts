import assert from 'node:assert/strict'
import { aChange, anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { BRIEF, committed, kindHeld, soon } from './ledger-check.js'

/** Sweeps, and the ledger's own life. */
export const upkeep: readonly LedgerCheck[] = [
  {
    name: 'sweeps what has expired, tombstones too, and nothing else',
    async check(open) {
      const ledger = await open()
      const { id: live } = await committed(ledger)
      const { id: ended } = await committed(ledger)
      await committed(ledger, { ttl: BRIEF })
      await ledger.revoke([
        aRevocation({ id: ended }),
        aRevocation({ id: anId(), absentTtl: BRIEF }),
      ])
      await soon()

      assert.deepEqual(await ledger.sweep(10), { kind: 'swept', removed: 2 })

      const kinds = await Promise.all([live, ended].map((id) => kindHeld(ledger, id)))
      assert.deepEqual(kinds, ['live', 'tombstone'])
      assert.deepEqual(await ledger.stats(), { active: 1, expired: 0, revoked: 1, users: 0 })
    },
  },
  {
    name: 'sweeps at most as many as it is told',
    async check(open) {
      const ledger = await open()
      await ledger.commit(Array.from({ length: 5 }, () => aChange({ ttl: BRIEF })))
      await soon()

      const batches = [await ledger.sweep(2), await ledger.sweep(2), await ledger.sweep(2)]

      assert.deepEqual(
        batches.map((batch) => batch.kind === 'swept' && batch.removed),
        [2, 2, 1],
      )
    },
  },
  {
    name: 'sweeps every context',
    async check(open) {
      const [web, admin] = [await open(), await open({ context: 'admin' })]
      await committed(admin, { ttl: BRIEF })
      await soon()

      assert.deepEqual(await web.sweep(10), { kind: 'swept', removed: 1 })
    },
  },
  {
    name: 'removes each row once, however many sweep',
    async check(open) {
      const ledgers = await Promise.all([1, 2, 3, 4].map(() => open()))
      const [ledger] = ledgers
      assert.ok(ledger)
      await ledger.commit(Array.from({ length: 60 }, () => aChange({ ttl: BRIEF })))
      await soon()

      const batches = await Promise.all(ledgers.map((each) => each.sweep(20)))
      const last = await ledger.sweep(60)

      const removed = [...batches, last].map((each) => (each.kind === 'swept' ? each.removed : 0))
      assert.equal(
        removed.reduce((sum, n) => sum + n),
        60,
      )
    },
  },
  {
    name: 'is ready as often as it is asked',
    async check(open) {
      const ledger = await open()

      await Promise.all([ledger.ready(), ledger.ready()])

      await ledger.ready()
    },
  },
  {
    name: 'closes more than once',
    async check(open) {
      const ledger = await open()

      await ledger.close()

      await ledger.close()
    },
  },
]
