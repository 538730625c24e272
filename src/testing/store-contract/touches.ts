import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import {
  aSession,
  aSid,
  assertMissing,
  assertNear,
  BRIEF,
  contentOf,
  expiryOf,
  held,
  HOUR,
  save,
  SECOND,
  soon,
  visit,
} from './store-check.js'

/** What a touch does, and what it does not. */
export const touches: readonly StoreCheck[] = [
  {
    name: 'moves by a touch the expiry that get returns',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())

      await store.touch(sid, aSession({}, 2 * HOUR))

      assertNear(expiryOf(await held(store, sid)), Date.now() + 2 * HOUR)
    },
  },
  {
    name: 'moves by a touch of a loaded session the expiry that get returns',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, {
        cookie: { originalMaxAge: 2 * HOUR, expires: new Date(Date.now() + HOUR) },
      })
      const { session } = await visit(store, sid)
      ;(session as unknown as { touch(): void }).touch()

      await store.touch(sid, session)

      assertNear(expiryOf(await held(store, sid)), Date.now() + 2 * HOUR)
    },
  },
  {
    name: 'keeps alive by a touch what would be over soon',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({}, 10 * SECOND))

      await store.touch(sid, aSession())

      assertNear(expiryOf(await held(store, sid)), Date.now() + HOUR)
    },
  },
  {
    name: 'stores nothing by a touch but the expiry',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({ name: 'Ada' }))

      await store.touch(sid, aSession({ name: 'Eve', extra: 1 }, 2 * HOUR))

      assert.deepEqual(await contentOf(store, sid), { name: 'Ada' })
    },
  },
  {
    name: 'keeps a cookie’s lifetime that a request changed, and nothing else, by a touch',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      const { session } = await visit(store, sid)
      const cookie = session['cookie'] as { maxAge: number }
      cookie.maxAge = 30 * 24 * HOUR

      await store.touch(sid, session)

      const loaded = await held(store, sid)
      assertNear(expiryOf(loaded), Date.now() + 30 * 24 * HOUR)
      const { originalMaxAge } = loaded['cookie'] as { originalMaxAge: number }
      assertNear(originalMaxAge, 30 * 24 * HOUR)
    },
  },
  {
    name: 'keeps a cookie’s lifetime that a request changed, saved and changed back, by a touch',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      const { session } = await visit(store, sid)
      const cookie = session['cookie'] as { maxAge: number }
      cookie.maxAge = 9 * HOUR
      await save(session)
      cookie.maxAge = HOUR

      await store.touch(sid, session)

      assertNear(expiryOf(await held(store, sid)), Date.now() + HOUR)
    },
  },
  {
    name: 'leaves a cookie that lasts as long as its browser without an expiry',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, { cookie: { originalMaxAge: null, expires: null } })
      const { session } = await visit(store, sid)

      await store.touch(sid, session)

      const { expires } = (await held(store, sid))['cookie'] as { expires?: unknown }
      assert.equal(expires, null)
    },
  },
  {
    name: 'touches a missing session without an error, and makes none of it',
    async check(open) {
      const store = await open()
      const sid = aSid()

      await store.touch(sid, aSession())

      await assertMissing(store, sid)
    },
  },
  {
    name: 'brings nothing back by a touch: neither what expired nor what was destroyed',
    async check(open) {
      const store = await open({ touchEvery: 0 })
      const [expired, destroyed] = [aSid(), aSid()]
      await store.set(expired, aSession({}, 10 * SECOND))
      await store.set(destroyed, aSession())
      const visits = [await visit(store, expired), await visit(store, destroyed)]
      await store.set(expired, aSession({}, BRIEF))
      await store.destroy(destroyed)
      await soon()

      for (const { session } of visits) await store.touch(session.id, session)

      await assertMissing(store, expired)
      await assertMissing(store, destroyed)
    },
  },
]
