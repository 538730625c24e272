import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import { aSession, aSid, assertMissing, held, HOUR } from './store-check.js'

/** How sessions end, and stay so. */
export const endings: readonly StoreCheck[] = [
  {
    name: 'destroys a session',
    async check(open) {
      const store = await open()
      const [ended, other] = [aSid(), aSid()]
      for (const sid of [ended, other]) await store.set(sid, aSession())

      await store.destroy(ended)

      await assertMissing(store, ended)
      await held(store, other)
      assert.equal(await store.length(), 1)
    },
  },
  {
    name: 'destroys what is destroyed, or was never there, without an error',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())

      await Promise.all([store.destroy(sid), store.destroy(sid)])
      await store.destroy(sid)
      await store.destroy(aSid())

      await assertMissing(store, sid)
    },
  },
  {
    name: 'destroys several at once',
    async check(open) {
      const store = await open()
      const sids = [aSid(), aSid(), aSid()]
      for (const sid of sids) await store.set(sid, aSession())

      await store.destroy([...sids.slice(0, 2), aSid()])

      assert.equal(await store.length(), 1)
      await held(store, sids[2] ?? '')
    },
  },
  {
    name: 'lets nothing be set under the id of a session that was destroyed',
    async check(open) {
      const store = await open()
      const [known, never] = [aSid(), aSid()]
      await store.set(known, aSession())
      await store.destroy([known, never])

      for (const sid of [known, never]) await store.set(sid, aSession({ late: true }, 9 * HOUR))

      await assertMissing(store, known)
      await assertMissing(store, never)
    },
  },
  {
    name: 'ends what is being set while it is destroyed',
    async check(open) {
      const store = await open()
      const sid = aSid()

      await Promise.all([store.set(sid, aSession()), store.destroy(sid)])

      await assertMissing(store, sid)
    },
  },
  {
    name: 'clears all',
    async check(open) {
      const store = await open()
      const sids = [aSid(), aSid(), aSid()]
      for (const sid of sids) await store.set(sid, aSession())

      await store.clear()

      assert.equal(await store.length(), 0)
      for (const sid of sids) await assertMissing(store, sid)
    },
  },
  {
    name: 'revokes by the public id, once',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      const [publicId = ''] = await store.ids()

      assert.equal(await store.revoke(publicId, 'stolen'), true)

      await assertMissing(store, sid)
      assert.equal(await store.revoke(publicId), false)
      assert.equal(await store.revoke('nobody'), false)
      assert.equal(await store.revoke(''), false)
    },
  },
  {
    name: 'revokes by no cookie’s id',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())

      assert.equal(await store.revoke(sid), false)

      await held(store, sid)
    },
  },
  {
    name: 'destroys the sessions of a user, and nobody else’s',
    async check(open) {
      const store = await open()
      const [one, two, other, nobody] = [aSid(), aSid(), aSid(), aSid()]
      for (const sid of [one, two]) await store.set(sid, aSession({ userId: 7 }))
      await store.set(other, aSession({ userId: 8 }))
      await store.set(nobody, aSession())

      assert.equal(await store.destroyUser(7), 2)

      await assertMissing(store, one)
      await assertMissing(store, two)
      await held(store, other)
      await held(store, nobody)
      assert.equal(await store.destroyUser('7'), 0)
    },
  },
  {
    name: 'destroys the sessions of a user but one',
    async check(open) {
      const store = await open()
      const [mine, elsewhere] = [aSid(), aSid()]
      for (const sid of [mine, elsewhere]) await store.set(sid, aSession({ userId: 'ada' }))

      assert.equal(await store.destroyUser('ada', { except: mine }), 1)

      await held(store, mine)
      await assertMissing(store, elsewhere)
    },
  },
  {
    name: 'destroys nobody’s session for a user that is none',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession())
      await store.set(aSid(), aSession({ userId: 'ada' }))

      for (const nobody of ['', undefined, null, {}, []] as unknown as string[]) {
        assert.equal(await store.destroyUser(nobody), 0)
      }

      assert.equal(await store.length(), 2)
    },
  },
]
