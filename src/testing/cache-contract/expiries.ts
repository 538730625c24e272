import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { anId, aRecord } from '../fixtures.js'
import { fillCache, recordOf, versionOf, wait, type CacheCheck } from './cache-check.js'

const HOUR = 3_600_000

/** A record ends at its expiry, which a touch only moves later. */
export const expiries: readonly CacheCheck[] = [
  {
    name: 'forgets a record when it expires',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ expiresAt: Date.now() + 20 }))
      await wait(40)

      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'takes a new fill for a record that has expired',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ expiresAt: Date.now() + 20 }))
      await wait(40)
      const fill = randomUUID()

      assert.equal((await cache.reserve(aRecord().id, fill)).kind, 'absent')
      assert.equal(await cache.put(aRecord({ version: 2 }), { fill }), 'ok')
    },
  },
  {
    name: 'does not hold a record that has expired already',
    async check(open) {
      const cache = await open()

      assert.equal(await fillCache(cache, aRecord({ expiresAt: Date.now() - 1 })), 'absent')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'forgets a record whose newer version has expired already',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 1 }))
      await cache.put(aRecord({ version: 2, expiresAt: Date.now() - 1 }), 'update')

      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'takes an earlier expiry from a newer version',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 1 }))
      await cache.put(aRecord({ version: 2, expiresAt: Date.now() + 20 }), 'update')
      await wait(40)

      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'moves an expiry later at a touch, and nothing else',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 3, data: '{"name":"Ægir 🌊"}' })
      const expiresAt = record.expiresAt + HOUR
      await fillCache(cache, record)
      await cache.touch(record.id, { version: 3, expiresAt })

      assert.deepEqual(recordOf(await cache.read(record.id)), { ...record, expiresAt })
    },
  },
  {
    name: 'never moves an expiry earlier at a touch',
    async check(open) {
      const cache = await open()
      const record = aRecord()
      await fillCache(cache, record)
      await cache.touch(record.id, { version: 1, expiresAt: Date.now() + 10 })
      await wait(30)

      assert.deepEqual(recordOf(await cache.read(record.id)), record)
    },
  },
  {
    name: 'holds a touched record beyond its first expiry',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ expiresAt: Date.now() + 40 }))
      await cache.touch(aRecord().id, { version: 1, expiresAt: Date.now() + HOUR })
      await wait(50)

      assert.equal((await cache.read(aRecord().id)).kind, 'live')
    },
  },
  {
    name: 'leaves a record above the version that is touched as it is',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 10 })
      await fillCache(cache, record)
      await cache.touch(record.id, { version: 9, expiresAt: record.expiresAt + HOUR })

      const held = await cache.read(record.id)
      assert.equal(held.kind === 'live' && held.record.expiresAt, record.expiresAt)
    },
  },
  {
    name: 'forgets a touched record that is below the version',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 9 }))
      await cache.touch(aRecord().id, { version: 10, expiresAt: Date.now() + HOUR })

      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'makes nothing of the touch of an absent session',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.touch(id, { version: 1, expiresAt: Date.now() + HOUR })

      assert.equal((await cache.read(id)).kind, 'absent')
    },
  },
  {
    name: 'ends at the latest expiry when touches arrive out of order',
    async check(open) {
      const cache = await open()
      const { id, expiresAt } = aRecord()
      await fillCache(cache, aRecord())
      const later = [2, 3, 1].map((hours) => expiresAt + hours * HOUR)
      await Promise.all(later.map((at) => cache.touch(id, { version: 1, expiresAt: at })))

      const held = await cache.read(id)
      assert.equal(versionOf(held), 1)
      assert.equal(held.kind === 'live' && held.record.expiresAt, expiresAt + 3 * HOUR)
    },
  },
]
