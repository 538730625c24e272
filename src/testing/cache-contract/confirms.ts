import assert from 'node:assert/strict'
import type { HeldRecord, SessionCache } from '../../core/cache.js'
import type { SessionRecord } from '../../core/record.js'
import { aRecord } from '../fixtures.js'
import { fillCache, recordOf, versionOf, type CacheCheck } from './cache-check.js'

const HOUR = 3_600_000

async function held(cache: SessionCache, record: SessionRecord): Promise<HeldRecord> {
  const found = await cache.read(record.id)
  assert.equal(found.kind, 'live')
  return found
}

/** Whether what is held is what the ledger says, protocol rule 10. */
export const confirms: readonly CacheCheck[] = [
  {
    name: 'keeps a record that is confirmed as it was',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 3 })
      await fillCache(cache, record)

      assert.equal(await cache.confirm(await held(cache, record), record), 'ok')
      assert.deepEqual(recordOf(await cache.read(record.id)), record)
    },
  },
  {
    name: 'holds what is newer in place of a record that is confirmed',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 3 })
      const newer = aRecord({ version: 5, data: '{"visits":5}' })
      await fillCache(cache, record)

      assert.equal(await cache.confirm(await held(cache, record), newer), 'ok')
      assert.deepEqual(recordOf(await cache.read(record.id)), newer)
    },
  },
  {
    name: 'holds what is older, where a ledger that lost commits says so',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 5 })
      const older = aRecord({ version: 3, data: '{"visits":3}' })
      await fillCache(cache, record)

      assert.equal(await cache.confirm(await held(cache, record), older), 'ok')
      assert.deepEqual(recordOf(await cache.read(record.id)), older)
    },
  },
  {
    name: 'holds the commit that the ledger knows in place of another of the same version',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 3 })
      const other = aRecord({ version: 3, data: '{"visits":3}' })
      await fillCache(cache, record)

      assert.equal(await cache.confirm(await held(cache, record), other), 'ok')
      assert.deepEqual(recordOf(await cache.read(record.id)), other)
    },
  },
  {
    name: 'confirms nothing over what was put since it was read',
    async check(open) {
      const cache = await open()
      const record = aRecord({ version: 3 })
      const seen = await fillCache(cache, record).then(() => held(cache, record))
      await cache.put(aRecord({ version: 4 }), 'update')

      assert.equal(await cache.confirm(seen, aRecord({ version: 5 })), 'moved')
      assert.equal(versionOf(await cache.read(record.id)), 4)
    },
  },
  {
    name: 'confirms nothing that was touched since it was read',
    async check(open) {
      const cache = await open()
      const record = aRecord()
      const seen = await fillCache(cache, record).then(() => held(cache, record))
      const expiresAt = record.expiresAt + HOUR
      await cache.touch(record.id, { version: record.version, expiresAt })

      assert.equal(await cache.confirm(seen, record), 'moved')
      assert.deepEqual(recordOf(await cache.read(record.id)), { ...record, expiresAt })
    },
  },
  {
    name: 'confirms nothing where a tombstone, a fill or nothing is held by now',
    async check(open) {
      const cache = await open()
      const record = aRecord()
      const seen = await fillCache(cache, record).then(() => held(cache, record))
      await cache.forget(record.id, record.version)
      assert.equal(await cache.confirm(seen, record), 'moved')
      await cache.reserve(record.id, 'a-token')
      assert.equal(await cache.confirm(seen, record), 'moved')
      await cache.bury(record.id, { version: 2, ttl: HOUR })
      assert.equal(await cache.confirm(seen, record), 'moved')

      assert.equal((await cache.read(record.id)).kind, 'tombstone')
    },
  },
]
