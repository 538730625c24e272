import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { PutMode } from '../../core/cache.js'
import { toSessionId, type SessionId } from '../../core/session-id.js'
import { anId, aRecord } from '../fixtures.js'
import { fillCache, ordersOf, recordOf, versionOf, type CacheCheck } from './cache-check.js'

/** A cache only moves up, and an update makes no record from nothing. */
export const puts: readonly CacheCheck[] = [
  {
    name: 'answers a ping',
    async check(open) {
      const cache = await open()
      await assert.doesNotReject(cache.ping())
    },
  },
  {
    name: 'reads as absent what was never put',
    async check(open) {
      const cache = await open()
      assert.deepEqual(await cache.read(anId()), { kind: 'absent' })
    },
  },
  {
    name: 'gives a record back field for field',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 7, absoluteExpiresAt: Date.now() + 7_200_000 })

      assert.equal(await fillCache(cache, record), 'ok')
      assert.deepEqual(recordOf(await cache.read(record.id)), record)
    },
  },
  {
    name: 'replaces a record by a newer version of it',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 1 }))
      const newer = aRecord({ version: 2, data: '{"visits":2}' })

      assert.equal(await cache.put(newer, 'update'), 'ok')
      assert.deepEqual(recordOf(await cache.read(newer.id)), newer)
    },
  },
  {
    name: 'keeps the newest version when puts arrive out of order',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 2 }))

      assert.equal(await cache.put(aRecord({ version: 1 }), 'update'), 'newer')
      assert.equal(versionOf(await cache.read(aRecord().id)), 2)
    },
  },
  {
    name: 'compares versions as numbers',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 9 }))

      assert.equal(await cache.put(aRecord({ version: 10 }), 'update'), 'ok')
      assert.equal(versionOf(await cache.read(aRecord().id)), 10)
    },
  },
  {
    name: 'holds the highest version that a ledger can mint',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 2_147_483_647 }))
      assert.equal(versionOf(await cache.read(aRecord().id)), 2_147_483_647)
    },
  },
  {
    name: 'keeps what is held when the same commit is put again',
    async check(open) {
      const cache = await open()
      const held = aRecord({ version: 2 })
      await fillCache(cache, held)

      assert.equal(await cache.put(held, 'update'), 'newer')
      assert.deepEqual(recordOf(await cache.read(held.id)), held)
    },
  },
  {
    name: 'believes neither of two commits of one version, as a ledger that lost one mints them',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 2 }))

      assert.equal(await cache.put(aRecord({ version: 2 }), 'update'), 'unfilled')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'skips an update of what is absent',
    async check(open) {
      const cache = await open()
      assert.equal(await cache.put(aRecord({ version: 2 }), 'update'), 'absent')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'ends at the highest version in whatever order updates arrive',
    async check(open) {
      const cache = await open()
      const ends = ordersOf([2, 3, 4, 5]).map(async (versions) => {
        const id = anId()
        await fillCache(cache, aRecord({ id, version: 1 }))
        await Promise.all(versions.map((version) => cache.put(aRecord({ id, version }), 'update')))
        return versionOf(await cache.read(id))
      })
      assert.deepEqual(new Set(await Promise.all(ends)), new Set([5]))
    },
  },
  {
    name: 'keeps sessions apart, however alike their ids',
    async check(open) {
      const cache = await open()
      const ids = ['web:a', 'web:A', 'web:a ', 'web:a:a', 'web:*', 'web:{a}', 'web:é', 'a', 'b:a']
      const records = ids.map((id) => aRecord({ id: toSessionId(id), data: id }))
      await Promise.all(records.map((record) => fillCache(cache, record)))

      const held = await Promise.all(records.map((record) => cache.read(record.id)))
      assert.deepEqual(held.map(recordOf), records)
    },
  },
  {
    name: 'answers each of many puts of one turn as if it were alone',
    async check(open) {
      const cache = await open()
      const [held, newer, buried] = [anId(), anId(), anId()]
      await fillCache(cache, aRecord({ id: held }))
      await fillCache(cache, aRecord({ id: newer, version: 9 }))
      await cache.bury(buried, { version: 1, ttl: 3_600_000 })
      const [absent, unreserved] = [anId(), anId()]
      const token = randomUUID()
      const reserved = anId()
      await cache.reserve(reserved, token)

      const put = (id: SessionId, mode: PutMode) => cache.put(aRecord({ id, version: 5 }), mode)
      const outcomes = await Promise.all([
        put(held, 'update'),
        put(newer, 'update'),
        put(buried, 'update'),
        put(absent, 'update'),
        put(reserved, { fill: token }),
        put(unreserved, { fill: token }),
        ...Array.from({ length: 40 }, () => put(anId(), 'update')),
      ])

      const others = Array<string>(40).fill('absent')
      assert.deepEqual(outcomes, ['ok', 'newer', 'gone', 'absent', 'ok', 'lost', ...others])
      assert.equal(versionOf(await cache.read(held)), 5)
      assert.equal(versionOf(await cache.read(reserved)), 5)
    },
  },
  {
    name: 'takes several versions of one session in one turn, and keeps the newest',
    async check(open) {
      const cache = await open()
      const { id } = aRecord()
      await fillCache(cache, aRecord({ version: 1 }))
      const put = (version: number) => cache.put(aRecord({ version }), 'update')

      assert.deepEqual(await Promise.all([put(3), put(2)]), ['ok', 'newer'])
      assert.equal(versionOf(await cache.read(id)), 3)
    },
  },
]
