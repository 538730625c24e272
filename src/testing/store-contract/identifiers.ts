import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import { aSession, aSid, assertMissing, contentOf, held } from './store-check.js'

/** What no session can be named, whatever the types say. */
const impossible: readonly unknown[] = ['', [], {}, null, undefined, NaN, true, Symbol('id')]

/** What a request may bring along as an id. */
const outlandish: readonly string[] = [
  '\0',
  'a\0b',
  'a'.repeat(10_000_000),
  '__proto__',
  '*',
  '../..',
  "'; drop table sessions; --",
  '\ud800',
  '🌊',
  ' ',
]

/** By what sessions are named. */
export const identifiers: readonly StoreCheck[] = [
  {
    name: 'finds no session by an impossible id, and throws nothing',
    async check(open) {
      const store = await open()

      for (const sid of impossible) assert.equal(await store.get(sid as string), null)
    },
  },
  {
    name: 'fails with a typed error where an impossible id is set or touched',
    async check(open) {
      const store = await open()

      for (const sid of impossible as readonly string[]) {
        const expected = { code: 'ERR_INVALID_SESSION_ID' }
        await assert.rejects(store.set(sid, aSession()), expected)
        await assert.rejects(store.touch(sid, aSession()), expected)
      }
      assert.equal(await store.length(), 0)
    },
  },
  {
    name: 'has nothing to destroy by an impossible id',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession())

      for (const sid of impossible as readonly string[]) await store.destroy(sid)

      assert.equal(await store.length(), 1)
    },
  },
  {
    name: 'finds no session by an outlandish id that was never given out',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession())

      for (const sid of outlandish) await assertMissing(store, sid)
    },
  },
  {
    name: 'keeps sessions of outlandish ids apart',
    async check(open) {
      const store = await open()

      for (const [index, sid] of outlandish.entries()) await store.set(sid, aSession({ index }))

      for (const [index, sid] of outlandish.entries()) {
        assert.deepEqual(await contentOf(store, sid), { index })
      }
    },
  },
  {
    name: 'takes a number for its digits',
    async check(open) {
      const store = await open()

      await store.set(42 as unknown as string, aSession({ name: 'Ada' }))

      assert.equal((await held(store, '42'))['name'], 'Ada')
      await store.destroy(42 as unknown as string)
      await assertMissing(store, '42')
    },
  },
  {
    name: 'lists no session by the id of its cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({ userId: 'ada' }))

      const listed = [await store.ids(), Object.keys(await store.all())].flat()
      const text = JSON.stringify([...listed, await store.sessionsOf('ada')])

      assert.equal(listed.length, 2)
      assert.equal(listed[0], listed[1])
      assert.equal(text.includes(sid), false)
    },
  },
  {
    name: 'takes no public id for the id of a cookie',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession())
      const [publicId = ''] = await store.ids()

      await assertMissing(store, publicId)
      await store.destroy(publicId)

      assert.equal(await store.length(), 1)
    },
  },
]
