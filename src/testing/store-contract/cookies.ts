import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import {
  aCookie,
  aSession,
  aSid,
  assertNear,
  begin,
  contentOf,
  expiryOf,
  held,
  HOUR,
  save,
  visit,
} from './store-check.js'

/** What becomes of the cookie that a session holds. */
export const cookies: readonly StoreCheck[] = [
  {
    name: 'keeps the settings of a cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const settings = { domain: 'sea.example', sameSite: 'lax', secure: true, priority: 'high' }

      await store.set(sid, { cookie: { ...aCookie(HOUR), ...settings } })

      const { expires, ...others } = (await held(store, sid))['cookie'] as { expires: unknown }
      assert.ok(expires instanceof Date)
      assert.deepEqual(others, { originalMaxAge: HOUR, path: '/', httpOnly: true, ...settings })
    },
  },
  {
    name: 'gives a session that was stored without a cookie back without one',
    async check(open) {
      const store = await open()
      const sid = aSid()

      await store.set(sid, { name: 'Ada' })

      assert.deepEqual(await store.get(sid), { name: 'Ada' })
    },
  },
  {
    name: 'lets a request use a session that was stored without a cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, { name: 'Ada' })
      const { session } = await visit(store, sid)
      session['seen'] = true

      await save(session)

      assert.deepEqual(await contentOf(store, sid), { name: 'Ada', seen: true })
    },
  },
  {
    name: 'gives a cookie that lasts as long as its browser back without an expiry',
    async check(open) {
      const store = await open()
      const [plain, ofRequest] = [aSid(), aSid()]
      const cookie = { originalMaxAge: null, expires: null, path: '/', httpOnly: true }

      await store.set(plain, { cookie })
      await save(begin(store, ofRequest, { cookie }).session)

      for (const sid of [plain, ofRequest]) {
        const { expires, originalMaxAge } = (await held(store, sid))['cookie'] as typeof cookie
        assert.equal(expires, null)
        assert.equal(originalMaxAge, null)
        const { session } = await visit(store, sid)
        assert.equal((session['cookie'] as typeof cookie).expires, null)
      }
    },
  },
  {
    name: 'takes a session whose expiry is an invalid date, and gives it back without one',
    async check(open) {
      const store = await open()
      const sid = aSid()

      await store.set(sid, { cookie: { ...aCookie(HOUR), expires: new Date(NaN) }, name: 'Ada' })

      const session = await held(store, sid)
      assert.equal(session['name'], 'Ada')
      assert.equal((session['cookie'] as { expires?: unknown }).expires, null)
    },
  },
  {
    name: 'takes an expiry that is text for the date that it tells',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const expires = new Date(Date.now() + HOUR).toISOString()

      await store.set(sid, { cookie: { expires } })

      assertNear(expiryOf(await held(store, sid)), Date.parse(expires))
    },
  },
  {
    name: 'gives the expiry of the session as that of its cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const expected = Date.now() + HOUR

      await store.set(sid, aSession())

      assertNear(expiryOf(await held(store, sid)), expected)
    },
  },
  {
    name: 'keeps what a request sets in its cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      const { session } = await visit(store, sid)
      const cookie = session['cookie'] as { maxAge: number; sameSite: string }
      cookie.maxAge = 9 * HOUR
      cookie.sameSite = 'strict'

      await save(session)

      const loaded = await held(store, sid)
      assertNear(expiryOf(loaded), Date.now() + 9 * HOUR)
      assert.equal((loaded['cookie'] as { sameSite?: unknown }).sameSite, 'strict')
    },
  },
]
