import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import {
  aSession,
  aSid,
  assertMissing,
  assertNear,
  begin,
  BRIEF,
  held,
  HOUR,
  save,
  SECOND,
  soon,
  visit,
} from './store-check.js'

/** How long sessions live. */
export const lifetimes: readonly StoreCheck[] = [
  {
    name: 'counts a lifetime by the millisecond',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({}, BRIEF))
      await soon()

      await assertMissing(store, sid)
    },
  },
  {
    name: 'does not end a session of less than a second at once',
    async check(open) {
      const store = await open()
      await store.ready()
      const sid = aSid()

      await store.set(sid, aSession({ name: 'Ada' }, 999))

      assert.equal((await held(store, sid))['name'], 'Ada')
    },
  },
  {
    name: 'takes the maxAge of a plain cookie for a lifetime',
    async check(open) {
      const store = await open()
      const [brief, long] = [aSid(), aSid()]
      await store.set(brief, { cookie: { maxAge: BRIEF } })
      await store.set(long, { cookie: { maxAge: HOUR } })
      await soon()

      await assertMissing(store, brief)
      await held(store, long)
    },
  },
  {
    name: 'gives ttl to a session whose cookie tells no lifetime',
    async check(open) {
      const store = await open({ ttl: 7 * HOUR })
      await store.set(aSid(), { cookie: { originalMaxAge: null, expires: null }, userId: 'ada' })
      await store.set(aSid(), { userId: 'ada' })

      const summaries = await store.sessionsOf('ada')

      assert.equal(summaries.length, 2)
      for (const { expiresAt } of summaries) assertNear(expiresAt, Date.now() + 7 * HOUR)
    },
  },
  {
    name: 'asks a ttl that is a function about the session',
    async check(open) {
      const store = await open({ ttl: ({ vip }) => (vip ? '2h' : BRIEF) })
      const [vip, other] = [aSid(), aSid()]
      await store.set(vip, { vip: true })
      await store.set(other, { vip: false })
      await soon()

      await held(store, vip)
      await assertMissing(store, other)
    },
  },
  {
    name: 'stores nothing that can be read where the cookie has expired already',
    async check(open) {
      const store = await open()
      const [fresh, known] = [aSid(), aSid()]
      await store.set(known, aSession())

      for (const sid of [fresh, known]) await store.set(sid, aSession({}, -SECOND))

      await assertMissing(store, fresh)
      await assertMissing(store, known)
    },
  },
  {
    name: 'ends a session sooner where a request shortens its cookie',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      const { session } = await visit(store, sid)
      ;(session['cookie'] as { maxAge: number }).maxAge = BRIEF

      await save(session)
      await soon()

      await assertMissing(store, sid)
    },
  },
  {
    name: 'begins anew under the id of a session that expired',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({ old: true }, BRIEF))
      await soon()

      await save(Object.assign(begin(store, sid).session, { fresh: true }))

      const session = await held(store, sid)
      assert.equal(session['fresh'], true)
      assert.equal('old' in session, false)
    },
  },
  {
    name: 'does not revive a session that expired while a request held it',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({}, 10 * SECOND))
      const { session } = await visit(store, sid)
      await store.set(sid, aSession({}, BRIEF))
      await soon()

      await save(session)

      await assertMissing(store, sid)
    },
  },
  {
    name: 'takes a lifetime beyond all measure for a very long one',
    async check(open) {
      const store = await open()
      for (const maxAge of [Infinity, Number.MAX_SAFE_INTEGER]) {
        const sid = aSid()
        await store.set(sid, { cookie: { maxAge } })
        await held(store, sid)
      }
    },
  },
]
