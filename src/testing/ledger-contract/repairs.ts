import assert from 'node:assert/strict'
import { MAX_VERSION, type Repair, type SessionLedger } from '../../core/ledger.js'
import { anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { commitOne, committed, HOUR, soon } from './ledger-check.js'

async function pending(ledger: SessionLedger): Promise<readonly Repair[]> {
  return (await ledger.pendingRepairs(10)).map(({ id, version }) => ({ id, version }))
}

/** What is written down that a cache could not be told. */
export const repairs: readonly LedgerCheck[] = [
  {
    name: 'writes down a repair in the commit, where that is asked for: also of an id that may have come back',
    async check(open) {
      const ledger = await open()
      const inserted = await committed(ledger, { repair: true })
      const base = await committed(ledger)
      await committed(ledger, { id: base.id, base, repair: true })

      const noted = await pending(ledger)
      assert.deepEqual(
        new Map(noted.map(({ id, version }) => [id, version])),
        new Map([
          [inserted.id, 1],
          [base.id, 2],
        ]),
      )
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
    name: 'writes down a revocation as the highest version, past what a cache may hold of lost commits',
    async check(open) {
      const ledger = await open()
      const [{ id: live }, { id: ended }] = [await committed(ledger), await committed(ledger)]
      await ledger.revoke([aRevocation({ id: ended })])
      const absent = anId()

      await ledger.revoke([
        aRevocation({ id: live, repair: true }),
        aRevocation({ id: ended, repair: true }),
        aRevocation({ id: absent, absentTtl: HOUR, repair: true }),
        aRevocation({ id: anId(), absentTtl: HOUR }),
        aRevocation({ id: anId(), repair: true }),
      ])

      assert.deepEqual(
        new Map((await ledger.pendingRepairs(10)).map(({ id, version }) => [id, version])),
        new Map([
          [live, MAX_VERSION],
          [ended, MAX_VERSION],
          [absent, MAX_VERSION],
        ]),
      )
    },
  },
  {
    name: 'gives a repair that is noted again a higher version than it had, and never a lower one than is noted',
    async check(open) {
      const ledger = await open()
      const id = anId()

      const versions: unknown[] = []
      for (const version of [3, 5, 5, 4, 9]) {
        await ledger.noteRepairs([{ id, version }])
        versions.push(...(await ledger.pendingRepairs(10)).map((each) => each.version))
      }

      assert.deepEqual(versions, [3, 5, 6, 7, 9])
    },
  },
  {
    name: 'gives a repair that a commit notes again a higher version than it had',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger)
      const { id } = base
      await ledger.noteRepairs([{ id, version: 2 }])

      await committed(ledger, { id, base, repair: true })

      assert.deepEqual(await pending(ledger), [{ id, version: 3 }])
    },
  },
  {
    name: 'gives no repair a version above the highest there is',
    async check(open) {
      const ledger = await open()
      const id = anId()

      for (const version of [MAX_VERSION - 1, 1, 1, MAX_VERSION]) {
        await ledger.noteRepairs([{ id, version }])
      }

      assert.deepEqual(await pending(ledger), [{ id, version: MAX_VERSION }])
    },
  },
  {
    name: 'notes the highest version of an id that comes more than once',
    async check(open) {
      const ledger = await open()
      const [id, other] = [anId(), anId()]

      await ledger.noteRepairs([
        { id, version: 3 },
        { id: other, version: 1 },
        { id, version: 5 },
        { id, version: 4 },
      ])

      assert.deepEqual(
        new Map((await ledger.pendingRepairs(10)).map((each) => [each.id, each.version])),
        new Map([
          [id, 5],
          [other, 1],
        ]),
      )
    },
  },
  {
    name: 'gives the oldest repairs first, as many as it is told',
    async check(open) {
      const ledger = await open()
      const noted = ['c', 'a', 'b'].map((text) => ({ id: anId(text), version: 1 }))
      for (const repair of noted) {
        await ledger.noteRepairs([repair])
        await soon()
      }

      const first = await ledger.pendingRepairs(2)
      assert.deepEqual(
        first.map(({ id, version }) => ({ id, version })),
        noted.slice(0, 2),
      )
      assert.ok(first.every(({ notedAt }, index) => notedAt > (first[index - 1]?.notedAt ?? 0)))
    },
  },
  {
    name: 'forgets a repair that is settled as it was read, and no other',
    async check(open) {
      const ledger = await open()
      const ids = [anId(), anId(), anId(), anId()]
      await ledger.noteRepairs(ids.map((id) => ({ id, version: 2 })))
      const read = await ledger.pendingRepairs(10)

      await ledger.settleRepairs([
        ...read.slice(0, 1),
        ...read.slice(1, 2).map((each) => ({ ...each, version: 1 })),
        ...read.slice(2, 3).map((each) => ({ ...each, version: 3 })),
        ...read.slice(3).map((each) => ({ ...each, notedAt: each.notedAt - 1 })),
        { id: anId(), version: 2, notedAt: 1 },
      ])

      assert.deepEqual(await ledger.pendingRepairs(10), read.slice(1))
    },
  },
  {
    name: 'keeps a repair that is noted again after one of two who have read it settled it',
    async check(open) {
      const ledger = await open()
      const repair = { id: anId(), version: 2 }
      await ledger.noteRepairs([repair])
      const read = await ledger.pendingRepairs(10)
      await soon()

      await ledger.settleRepairs(read)
      await ledger.noteRepairs([repair])
      await ledger.settleRepairs(read)

      assert.deepEqual(await pending(ledger), [repair])
    },
  },
  {
    name: 'keeps a repair that is noted again before it is settled, at whatever version',
    async check(open) {
      const ledger = await open()
      const versions = [1, 2, 3]
      const ids = versions.map(() => anId())
      await ledger.noteRepairs(ids.map((id) => ({ id, version: 2 })))
      const read = await ledger.pendingRepairs(10)
      await ledger.noteRepairs(ids.map((id, index) => ({ id, version: versions[index] ?? 0 })))

      await ledger.settleRepairs(read)

      const pending = await ledger.pendingRepairs(10)
      assert.deepEqual(pending.map(({ id }) => id).sort(), ids.sort())
      assert.deepEqual(
        pending.map(({ version }) => version),
        [3, 3, 3],
      )
    },
  },
  {
    name: "leaves another context's repairs to it",
    async check(open) {
      const [web, admin] = [await open(), await open({ context: 'admin' })]
      const repair = { id: anId(), version: 1 }

      await admin.noteRepairs([repair])

      assert.deepEqual(await web.pendingRepairs(10), [])
      assert.deepEqual(await pending(admin), [repair])
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
]
