import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SessionCache } from '../../core/cache.js'
import { anId, aRecord } from '../fixtures.js'
import { fillCache, ordersOf, recordOf, versionOf, type CacheCheck } from './cache-check.js'

/**
 * A record appears from absence only by a fill that still holds the token which was placed for it
 * (protocol rule 3).
 */
export const fills: readonly CacheCheck[] = [
  {
    name: 'places the token of a fill where nothing is held',
    async check(open) {
      const cache = await open()
      const id = anId()

      assert.equal((await cache.reserve(id, randomUUID())).kind, 'absent')
      assert.equal((await cache.read(id)).kind, 'filling')
    },
  },
  {
    name: 'takes a record from the fill that holds the token',
    async check(open) {
      const { cache, fill } = await filling(await open())

      assert.equal(await cache.put(aRecord({ version: 5 }), { fill }), 'ok')
      assert.equal(versionOf(await cache.read(aRecord().id)), 5)
    },
  },
  {
    name: 'grants one fill at a time',
    async check(open) {
      const { cache, fill } = await filling(await open())

      assert.equal((await cache.reserve(aRecord().id, randomUUID())).kind, 'filling')
      assert.equal(await cache.put(aRecord(), { fill }), 'ok')
    },
  },
  {
    name: 'grants one of many fills that begin at once',
    async check(open) {
      const cache = await open()
      const id = anId()
      const found = await Promise.all(
        Array.from({ length: 8 }, () => cache.reserve(id, randomUUID())),
      )
      assert.deepEqual(found.map(({ kind }) => kind).sort(), [
        'absent',
        ...Array<string>(7).fill('filling'),
      ])
    },
  },
  {
    name: 'refuses a fill with another’s token',
    async check(open) {
      const { cache } = await filling(await open())

      assert.equal(await cache.put(aRecord(), { fill: randomUUID() }), 'lost')
      assert.equal((await cache.read(aRecord().id)).kind, 'filling')
    },
  },
  {
    name: 'refuses a fill that placed no token',
    async check(open) {
      const cache = await open()

      assert.equal(await cache.put(aRecord(), { fill: randomUUID() }), 'lost')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'ends a fill at an update, whose record it does not hold either',
    async check(open) {
      const { cache } = await filling(await open())

      assert.equal(await cache.put(aRecord({ version: 2 }), 'update'), 'unfilled')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'refuses the fill that an update ended',
    async check(open) {
      const { cache, fill } = await filling(await open())
      await cache.put(aRecord({ version: 2 }), 'update')

      assert.equal(await cache.put(aRecord({ version: 1 }), { fill }), 'lost')
      assert.equal((await cache.read(aRecord().id)).kind, 'absent')
    },
  },
  {
    name: 'refuses the fill that an update ended, though another is under way',
    async check(open) {
      const { cache, fill } = await filling(await open())
      await cache.put(aRecord({ version: 2 }), 'update')
      const other = randomUUID()
      await cache.reserve(aRecord().id, other)

      assert.equal(await cache.put(aRecord({ version: 1 }), { fill }), 'lost')
      assert.equal(await cache.put(aRecord({ version: 2 }), { fill: other }), 'ok')
    },
  },
  {
    name: 'takes one record from a fill, and no second one',
    async check(open) {
      const { cache, fill } = await filling(await open())

      assert.equal(await cache.put(aRecord({ version: 1 }), { fill }), 'ok')
      assert.equal(await cache.put(aRecord({ version: 2 }), { fill }), 'lost')
      assert.equal(versionOf(await cache.read(aRecord().id)), 1)
    },
  },
  {
    name: 'holds the newest version or nothing in whatever order a fill and updates arrive',
    async check(open) {
      const cache = await open()
      const ends = ordersOf([1, 2, 3]).map(async (versions) => {
        const id = anId()
        const fill = randomUUID()
        await cache.reserve(id, fill)
        await Promise.all(
          versions.map((version) =>
            cache.put(aRecord({ id, version }), version === 1 ? { fill } : 'update'),
          ),
        )
        return versionOf(await cache.read(id))
      })
      for (const end of await Promise.all(ends)) assert.ok(end === undefined || end === 3)
    },
  },
  {
    name: 'forgets a fill under way',
    async check(open) {
      const { cache, fill } = await filling(await open())
      await cache.forget(aRecord().id, 1)

      assert.equal(await cache.put(aRecord(), { fill }), 'lost')
    },
  },
  {
    name: 'lets a new fill begin after one was ended',
    async check(open) {
      const { cache } = await filling(await open())
      await cache.forget(aRecord().id, 1)
      const fill = randomUUID()

      assert.equal((await cache.reserve(aRecord().id, fill)).kind, 'absent')
      assert.equal(await cache.put(aRecord(), { fill }), 'ok')
    },
  },
  {
    name: 'answers a reserve with the live record that is held',
    async check(open) {
      const cache = await open()
      const record = aRecord()
      await fillCache(cache, record)

      assert.deepEqual(recordOf(await cache.reserve(record.id, randomUUID())), record)
      assert.deepEqual(recordOf(await cache.read(record.id)), record)
    },
  },
  {
    name: 'answers a reserve with the tombstone that is held',
    async check(open) {
      const cache = await open()
      const id = anId()
      await cache.bury(id, { version: 3, ttl: 60_000 })

      assert.deepEqual(await cache.reserve(id, randomUUID()), { kind: 'tombstone', version: 3 })
    },
  },
  {
    name: 'leaves a fill alone at a touch',
    async check(open) {
      const { cache, fill } = await filling(await open())
      const { id, expiresAt } = aRecord()
      await cache.touch(id, { version: 1, expiresAt })

      assert.equal(await cache.put(aRecord(), { fill }), 'ok')
    },
  },
]

async function filling(cache: SessionCache): Promise<{ cache: SessionCache; fill: string }> {
  const fill = randomUUID()
  await cache.reserve(aRecord().id, fill)
  return { cache, fill }
}
