import assert from 'node:assert/strict'
import { aChange, anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { BRIEF, commitOne, committed, HOUR, kindHeld, soon } from './ledger-check.js'

/** Sweeps, repairs, and the ledger's own life. */
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
    name: 'writes down a repair in the commit of an update, where that is asked for',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger, { repair: true })
      const { id } = base
      assert.deepEqual(await ledger.pendingRepairs(10), [])

      await committed(ledger, { id, base, repair: true })

      assert.deepEqual(await ledger.pendingRepairs(10), [{ id, version: 2 }])
    },
  },
  {
    name: 'writes down no repair for what was not committed, or not asked for',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger)
      const { id } = base
      await committed(ledger, { id, base })

      await commitOne(ledger, { id, base, repair: true })
      await commitOne(ledger, { base, repair: true })

      assert.deepEqual(await ledger.pendingRepairs(10), [])
    },
  },
  {
    name: "writes down a tombstone's version in its revocation, where that is asked for",
    async check(open) {
      const ledger = await open()
      const { id: live } = await committed(ledger)
      const absent = anId()

      await ledger.revoke([
        aRevocation({ id: live, repair: true }),
        aRevocation({ id: absent, absentTtl: HOUR, repair: true }),
        aRevocation({ id: anId(), absentTtl: HOUR }),
        aRevocation({ id: anId(), repair: true }),
      ])

      assert.deepEqual(
        new Map((await ledger.pendingRepairs(10)).map(({ id, version }) => [id, version])),
        new Map([
          [live, 2],
          [absent, 1],
        ]),
      )
    },
  },
  {
    name: 'keeps the higher version of a repair, whichever comes first',
    async check(open) {
      const ledger = await open()
      const id = anId()

      for (const version of [3, 5, 4]) await ledger.noteRepairs([{ id, version }])

      assert.deepEqual(await ledger.pendingRepairs(10), [{ id, version: 5 }])
    },
  },
  {
    name: 'gives the oldest repairs first, as many as it is told',
    async check(open) {
      const ledger = await open()
      const repairs = ['c', 'a', 'b'].map((text) => ({ id: anId(text), version: 1 }))
      for (const repair of repairs) {
        await ledger.noteRepairs([repair])
        await soon()
      }

      assert.deepEqual(await ledger.pendingRepairs(2), repairs.slice(0, 2))
    },
  },
  {
    name: 'forgets a repair that is settled, unless a higher version was noted since',
    async check(open) {
      const ledger = await open()
      const [settled, renewed] = [anId(), anId()]
      await ledger.noteRepairs([
        { id: settled, version: 2 },
        { id: renewed, version: 3 },
      ])

      await ledger.settleRepairs([
        { id: settled, version: 2 },
        { id: renewed, version: 2 },
        { id: anId(), version: 1 },
      ])

      assert.deepEqual(await ledger.pendingRepairs(10), [{ id: renewed, version: 3 }])
    },
  },
  {
    name: "leaves another context's repairs to it",
    async check(open) {
      const [web, admin] = [await open(), await open({ context: 'admin' })]
      const repair = { id: anId(), version: 1 }

      await admin.noteRepairs([repair])

      assert.deepEqual(await web.pendingRepairs(10), [])
      assert.deepEqual(await admin.pendingRepairs(10), [repair])
    },
  },
  {
    name: 'has nothing to do for no repairs',
    async check(open) {
      const ledger = await open()

      await ledger.noteRepairs([])
      await ledger.settleRepairs([])

      assert.deepEqual(await ledger.pendingRepairs(10), [])
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
