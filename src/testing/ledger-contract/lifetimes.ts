import assert from 'node:assert/strict'
import { anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import {
  assertNear,
  BRIEF,
  committed,
  HOUR,
  kindHeld,
  liveRecord,
  onlySummary,
  soon,
} from './ledger-check.js'

/** How long sessions live: by commits, touches and the absolute limit. */
export const lifetimes: readonly LedgerCheck[] = [
  {
    name: 'counts a lifetime from the commit, in its own time',
    async check(open) {
      const ledger = await open()

      const { expiresAt, absoluteExpiresAt } = await committed(ledger, { ttl: HOUR })

      assertNear(expiresAt, ledger.now() + HOUR)
      assert.equal(absoluteExpiresAt, undefined)
    },
  },
  {
    name: 'counts by the millisecond',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { ttl: BRIEF })
      await soon()

      assert.equal(await kindHeld(ledger, id), 'absent')
    },
  },
  {
    name: 'sets the expiry anew by an update, earlier too',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger, { ttl: 2 * HOUR })

      const { expiresAt } = await committed(ledger, { id: base.id, base, ttl: HOUR })

      assertNear(expiresAt, ledger.now() + HOUR)
    },
  },
  {
    name: 'lets no insert, update or touch pass the absolute limit',
    async check(open) {
      const ledger = await open()
      const inserted = await committed(ledger, { ttl: 2 * HOUR, absoluteTtl: HOUR })
      const { id, absoluteExpiresAt } = inserted
      assert.ok(absoluteExpiresAt !== undefined)
      assertNear(absoluteExpiresAt, ledger.now() + HOUR)

      const updated = await committed(ledger, { id, base: inserted, ttl: 3 * HOUR })
      const touched = await ledger.touch([{ id, ttl: 4 * HOUR }])

      assert.equal(inserted.expiresAt, absoluteExpiresAt)
      assert.equal(updated.expiresAt, absoluteExpiresAt)
      assert.equal(touched.get(id)?.expiresAt, absoluteExpiresAt)
    },
  },
  {
    name: 'keeps the absolute limit that the insert set',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger, { absoluteTtl: 2 * HOUR })

      const updated = await committed(ledger, { id: base.id, base, absoluteTtl: 9 * HOUR })

      assert.equal(updated.absoluteExpiresAt, base.absoluteExpiresAt)
    },
  },
  {
    name: 'ends a lifetime that is too long in the year 9999',
    async check(open) {
      const ledger = await open()
      const { id, expiresAt } = await committed(ledger, { ttl: Number.MAX_SAFE_INTEGER })

      assert.equal(new Date(expiresAt).getUTCFullYear(), 9999)
      assert.equal((await liveRecord(ledger, id))?.expiresAt, expiresAt)
    },
  },
  {
    name: 'moves an expiry later by a touch, and mints no version',
    async check(open) {
      const ledger = await open()
      const { id, ...before } = await committed(ledger, { ttl: HOUR })

      const touched = (await ledger.touch([{ id, ttl: 2 * HOUR }])).get(id)

      assert.ok(touched !== undefined)
      assertNear(touched.expiresAt, ledger.now() + 2 * HOUR)
      assert.deepEqual(touched, { version: 1, revoked: false, expiresAt: touched.expiresAt })
      assert.deepEqual(await liveRecord(ledger, id), {
        id,
        ...before,
        expiresAt: touched.expiresAt,
      })
    },
  },
  {
    name: 'never moves an expiry earlier by a touch',
    async check(open) {
      const ledger = await open()
      const { id, expiresAt } = await committed(ledger, { ttl: 2 * HOUR })

      const touched = await ledger.touch([{ id, ttl: HOUR }])

      assert.equal(touched.get(id)?.expiresAt, expiresAt)
      assert.equal((await liveRecord(ledger, id))?.expiresAt, expiresAt)
    },
  },
  {
    name: 'counts a touch as a sign of life',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger)
      const before = await onlySummary(ledger)
      await soon()

      await ledger.touch([{ id, ttl: HOUR }])

      const after = await onlySummary(ledger)
      assert.equal(after.createdAt, before.createdAt)
      assert.ok(after.lastSeenAt > before.lastSeenAt)
    },
  },
  {
    name: 'tells by a touch which version is held, and whether the session was ended',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger)
      const { id: written } = await committed(ledger, { id: base.id, base })
      const { id: ended } = await committed(ledger)
      await ledger.revoke([aRevocation({ id: ended })])

      const touched = await ledger.touch([written, ended].map((id) => ({ id, ttl: HOUR })))

      assert.deepEqual(
        [...touched].map(([id, { version, revoked }]) => [id, version, revoked]).sort(),
        [
          [written, 2, false],
          [ended, 2, true],
        ].sort(),
      )
    },
  },
  {
    name: 'leaves out of a touch what is absent or expired, and revives nothing',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { ttl: BRIEF })
      await soon()

      const touched = await ledger.touch([id, anId()].map((each) => ({ id: each, ttl: HOUR })))

      assert.equal(touched.size, 0)
      assert.equal(await kindHeld(ledger, id), 'absent')
    },
  },
  {
    name: 'does not keep a tombstone longer by a touch',
    async check(open) {
      const ledger = await open()
      const { id, expiresAt } = await committed(ledger, { ttl: HOUR })
      await ledger.revoke([aRevocation({ id })])

      const touched = await ledger.touch([{ id, ttl: 2 * HOUR }])

      assert.equal(touched.get(id)?.expiresAt, expiresAt)
    },
  },
]
