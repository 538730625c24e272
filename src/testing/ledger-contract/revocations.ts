import assert from 'node:assert/strict'
import { anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { BRIEF, commitOne, committed, HOUR, kindHeld, liveRecord, soon } from './ledger-check.js'

/** How sessions end, and stay ended. */
export const revocations: readonly LedgerCheck[] = [
  {
    name: 'turns a live session into a tombstone of the next version, and says so',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger)

      const ended = await ledger.revoke([aRevocation({ id })])

      assert.deepEqual([...ended], [id])
      assert.deepEqual((await ledger.read([id])).get(id), { kind: 'tombstone', version: 2 })
    },
  },
  {
    name: 'ends a session once: the second time nothing was live',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger)
      await ledger.revoke([aRevocation({ id })])

      const ended = await ledger.revoke([aRevocation({ id, absentTtl: HOUR })])

      assert.equal(ended.size, 0)
      assert.deepEqual((await ledger.read([id])).get(id), { kind: 'tombstone', version: 2 })
    },
  },
  {
    name: 'ends nothing where nothing is held, and leaves nothing there',
    async check(open) {
      const ledger = await open()
      const id = anId()

      assert.equal((await ledger.revoke([aRevocation({ id })])).size, 0)
      assert.equal(await kindHeld(ledger, id), 'absent')
    },
  },
  {
    name: 'stands in the way of an insert still under way, where that was asked for',
    async check(open) {
      const ledger = await open()
      const id = anId()

      const ended = await ledger.revoke([aRevocation({ id, absentTtl: HOUR })])

      assert.equal(ended.size, 0)
      assert.equal(await kindHeld(ledger, id), 'tombstone')
      assert.deepEqual(await commitOne(ledger, { id }), { kind: 'gone', revoked: true })
    },
  },
  {
    name: 'does not count a session that had expired',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { ttl: BRIEF })
      await soon()

      assert.equal((await ledger.revoke([aRevocation({ id })])).size, 0)
      assert.equal((await ledger.revoke([aRevocation({ id, absentTtl: HOUR })])).size, 0)
      assert.equal(await kindHeld(ledger, id), 'tombstone')
    },
  },
  {
    name: 'answers for each of many',
    async check(open) {
      const ledger = await open()
      const [first, second] = [await committed(ledger), await committed(ledger)]
      const { id: before } = await committed(ledger)
      await ledger.revoke([aRevocation({ id: before })])

      const ended = await ledger.revoke(
        [second.id, anId(), before, first.id].map((id) => aRevocation({ id, absentTtl: HOUR })),
      )

      assert.deepEqual([...ended].sort(), [first.id, second.id].sort())
    },
  },
  {
    name: 'absorbs inserts and updates by a tombstone',
    async check(open) {
      const ledger = await open()
      const held = await committed(ledger)
      const { id } = held
      await ledger.revoke([aRevocation({ id })])

      const others = [2, 99].map((version) => ({ version, writeId: '' }))
      for (const base of [undefined, held, ...others]) {
        assert.deepEqual(await commitOne(ledger, { id, base }), { kind: 'gone', revoked: true })
      }
      assert.deepEqual((await ledger.read([id])).get(id), { kind: 'tombstone', version: 2 })
    },
  },
  {
    name: 'keeps a tombstone for as long as the session would have lived',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { ttl: HOUR })
      await ledger.revoke([aRevocation({ id, absentTtl: BRIEF })])
      await soon()

      assert.equal(await kindHeld(ledger, id), 'tombstone')
    },
  },
  {
    name: 'keeps a tombstone for as long as was asked, where the session would have ended earlier',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { ttl: 10 * BRIEF })
      await ledger.revoke([aRevocation({ id, absentTtl: HOUR })])

      const touched = await ledger.touch([{ id, ttl: BRIEF }])

      assert.ok((touched.get(id)?.expiresAt ?? 0) > ledger.now() + HOUR / 2)
    },
  },
  {
    name: 'forgets a tombstone when its time is over',
    async check(open) {
      const ledger = await open()
      const id = anId()
      await ledger.revoke([aRevocation({ id, absentTtl: BRIEF })])
      await soon()

      assert.equal(await kindHeld(ledger, id), 'absent')
      const record = await committed(ledger, { id })
      assert.deepEqual(await liveRecord(ledger, id), record)
    },
  },
  {
    name: 'takes a reason of any length',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger)

      const ended = await ledger.revoke([aRevocation({ id, reason: '漢'.repeat(5000) })])

      assert.equal(ended.size, 1)
    },
  },
]
