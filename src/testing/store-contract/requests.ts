import assert from 'node:assert/strict'
import { promisify } from 'node:util'
import {
  aSid,
  assertMissing,
  begin,
  change,
  contentOf,
  save,
  stored,
  twoVisits,
  visit,
  type StoreCheck,
  type Visit,
} from './store-check.js'

/** What one request does with its session: it saves, is read, reloads, and comes too late. */
export const requests: readonly StoreCheck[] = [
  {
    name: 'saves twice in one request',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const visitor = begin(store, sid)

      await change(visitor, { first: 1 })
      await change(visitor, { second: 2 })
      delete visitor.session['first']
      await save(visitor.session)

      assert.deepEqual(await contentOf(store, sid), { second: 2 })
    },
  },
  {
    name: 'shows a read what was set just before, without waiting for it',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { userId: undefined })
      const visitor = await visit(store, sid)

      const saving = change(visitor, { userId: 'ada' })
      const seen = await contentOf(store, sid)
      await saving

      assert.deepEqual(seen, { userId: 'ada' })
    },
  },
  {
    name: 'gives what others saved to a request that reloads',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { visits: 1 })
      const [one, other] = await twoVisits(store, sid)
      await change(other, { visits: 2 })

      await promisify((done: (error: unknown) => void) => one.session.reload(done))()
      const reloaded = one.req.session as Visit['session']
      await save(Object.assign(reloaded, { mine: true }))

      assert.deepEqual(await contentOf(store, sid), { visits: 2, mine: true })
    },
  },
  {
    name: 'loads a session for whoever has only its id',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { visits: 1 })
      const load = promisify(store.load.bind(store))

      const session = (await load(sid)) as Visit['session']
      await save(Object.assign(session, { visits: 2 }))

      assert.deepEqual(await contentOf(store, sid), { visits: 2 })
      assert.equal(await load(aSid()), undefined)
    },
  },
  {
    name: 'does not bring a session back by a save that comes after its end',
    async check(open) {
      const store = await open()
      const sid = await stored(store)
      const [slow, other] = await twoVisits(store, sid)
      const unsaved = begin(store, sid)
      await store.destroy(sid)

      await change(slow, { late: true })
      await change(other, {})
      await change(unsaved, { late: true })

      await assertMissing(store, sid)
      assert.equal(await store.length(), 0)
    },
  },
]
