import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { anId, aRecord } from '../fixtures.js'
import { fillCache, ordersOf, versionOf, wait, type CacheCheck } from './cache-check.js'

const MINUTE = 60_000

/** A tombstone absorbs everything, and is never forgotten. */
export const endings: readonly CacheCheck[] = [
  {
    name: 'holds a tombstone in place of a buried record',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 2 }))
      await cache.bury(aRecord().id, { version: 3, ttl: MINUTE })

      assert.deepEqual(await cache.read(aRecord().id), { kind: 'tombstone', version: 3 })
    },
  },
  {
    name: 'buries what is absent',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 0, ttl: MINUTE })

      assert.deepEqual(await cache.read(id), { kind: 'tombstone', version: 0 })
    },
  },
  {
    name: 'buries a record of any version, and takes the higher one',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 10 }))
      await cache.bury(aRecord().id, { version: 9, ttl: MINUTE })

      assert.deepEqual(await cache.read(aRecord().id), { kind: 'tombstone', version: 10 })
    },
  },
  {
    name: 'keeps the higher version of two tombstones',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 10, ttl: MINUTE })
      await cache.bury(id, { version: 9, ttl: MINUTE })

      assert.equal(versionOf(await cache.read(id)), 10)
    },
  },
  {
    name: 'keeps a tombstone for the longer of two times',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 1, ttl: MINUTE })
      await cache.bury(id, { version: 1, ttl: 1 })
      await wait(20)

      assert.equal((await cache.read(id)).kind, 'tombstone')
    },
  },
  ...(['update', { fill: randomUUID() }] as const).map((mode) => ({
    name: `refuses to ${mode === 'update' ? mode : 'fill'} what is buried, whatever the version`,
    check: async (open: Parameters<CacheCheck['check']>[0]) => {
      const cache = await open()
      await cache.bury(aRecord().id, { version: 1, ttl: MINUTE })

      assert.equal(await cache.put(aRecord({ version: 99 }), mode), 'gone')
      assert.deepEqual(await cache.read(aRecord().id), { kind: 'tombstone', version: 1 })
    },
  })),
  {
    name: 'buries a fill under way',
    async check(open) {
      const cache = await open()
      const fill = randomUUID()
      await cache.reserve(aRecord().id, fill)
      await cache.bury(aRecord().id, { version: 1, ttl: MINUTE })

      assert.equal(await cache.put(aRecord({ version: 2 }), { fill }), 'gone')
    },
  },
  {
    name: 'ends as a tombstone in whatever order puts and a bury arrive',
    async check(open) {
      const cache = await open()
      const ends = ordersOf(['bury', 1, 2, 3] as const).map(async (acts) => {
        const id = anId()
        const fill = randomUUID()
        await cache.reserve(id, fill)
        await Promise.all(
          acts.map((act) =>
            act === 'bury'
              ? cache.bury(id, { version: 2, ttl: MINUTE })
              : cache.put(aRecord({ id, version: act }), act === 1 ? { fill } : 'update'),
          ),
        )
        return (await cache.read(id)).kind
      })
      assert.deepEqual(new Set(await Promise.all(ends)), new Set(['tombstone']))
    },
  },
  {
    name: 'keeps a tombstone when told to forget',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 1, ttl: MINUTE })
      await cache.forget(id, 9)

      assert.equal((await cache.read(id)).kind, 'tombstone')
    },
  },
  {
    name: 'keeps a tombstone at a touch',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 1, ttl: MINUTE })
      await cache.touch(id, { version: 9, expiresAt: Date.now() + MINUTE })

      assert.deepEqual(await cache.read(id), { kind: 'tombstone', version: 1 })
    },
  },
  ...[1, 2].map((version) => ({
    name: `forgets a record of version ${version} when told to forget version 2`,
    check: async (open: Parameters<CacheCheck['check']>[0]) => {
      const cache = await open()
      await fillCache(cache, aRecord({ version }))
      await cache.forget(aRecord().id, 2)

      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  })),
  {
    name: 'keeps a record above the version that it is told to forget',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord({ version: 10 }))
      await cache.forget(aRecord().id, 9)

      assert.equal(versionOf(await cache.read(aRecord().id)), 10)
    },
  },
  {
    name: 'leaves other sessions alone when it forgets one and buries one',
    async check(open) {
      const cache = await open()
      await fillCache(cache, aRecord())
      await cache.forget(anId(), 9)
      await cache.bury(anId(), { version: 9, ttl: MINUTE })

      assert.equal((await cache.read(aRecord().id)).kind, 'live')
    },
  },
  {
    name: 'closes more than once',
    async check(open) {
      const cache = await open()
      await cache.close()
      await assert.doesNotReject(cache.close())
    },
  },
]
