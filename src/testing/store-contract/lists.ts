import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import { aSession, aSid, assertNear, BRIEF, expiryOf, HOUR, soon, stored } from './store-check.js'

/** What is told of many sessions. */
export const lists: readonly StoreCheck[] = [
  {
    name: 'tells of nothing where there is nothing',
    async check(open) {
      const store = await open()

      assert.deepEqual(await store.all(), {})
      assert.deepEqual(await store.ids(), [])
      assert.equal(await store.length(), 0)
      assert.deepEqual(await store.sessionsOf('ada'), [])
    },
  },
  {
    name: 'gives all sessions by their public ids',
    async check(open) {
      const store = await open()
      for (const name of ['Ada', 'Bob']) await store.set(aSid(), aSession({ name }))

      const all = await store.all()

      assert.deepEqual(Object.keys(all).sort(), (await store.ids()).sort())
      const sessions = Object.values(all) as { name: string; cookie: object }[]
      assert.deepEqual(sessions.map(({ name }) => name).sort(), ['Ada', 'Bob'])
      for (const session of sessions) assertNear(expiryOf({ ...session }), Date.now() + HOUR)
    },
  },
  {
    name: 'leaves out of all, ids and length what expired or was destroyed',
    async check(open) {
      const store = await open()
      const destroyed = aSid()
      await store.set(aSid(), aSession({ name: 'Ada' }))
      await store.set(aSid(), aSession({}, BRIEF))
      await store.set(destroyed, aSession())
      await store.destroy(destroyed)
      await soon()

      assert.equal(Object.keys(await store.all()).length, 1)
      assert.equal((await store.ids()).length, 1)
      assert.equal(await store.length(), 1)
    },
  },
  {
    name: 'tells of a user’s sessions what nobody could take them over by',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession({ userId: 7, secret: 'kelp' }))
      await store.set(aSid(), aSession({ userId: 8 }))

      const [summary, ...others] = await store.sessionsOf(7)

      assert.ok(summary)
      assert.equal(others.length, 0)
      const { id, userId, context, createdAt, lastSeenAt, expiresAt, ...more } = summary
      assert.ok((await store.ids()).includes(id))
      assert.equal(userId, '7')
      assert.equal(typeof context, 'string')
      assert.deepEqual(more, {})
      for (const time of [createdAt, lastSeenAt]) assertNear(time, Date.now())
      assertNear(expiresAt, Date.now() + HOUR)
      assert.deepEqual(await store.sessionsOf('7'), [summary])
    },
  },
  {
    name: 'finds a session by the user that passport put there',
    async check(open) {
      const store = await open()
      await stored(store, { passport: { user: 'ada' } })

      assert.equal((await store.sessionsOf('ada')).length, 1)
    },
  },
  {
    name: 'follows a session whose user changes',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({ userId: 'ada' }))

      await store.set(sid, aSession({ userId: 'bob' }))

      assert.equal((await store.sessionsOf('ada')).length, 0)
      assert.equal((await store.sessionsOf('bob')).length, 1)
    },
  },
  {
    name: 'counts what is live, expired and destroyed, and how many users there are',
    async check(open) {
      const store = await open()
      const destroyed = aSid()
      for (const userId of [1, 1, 2]) await store.set(aSid(), aSession({ userId }))
      await store.set(aSid(), aSession({}, BRIEF))
      await store.set(destroyed, aSession())
      await store.destroy(destroyed)
      await soon()

      const { active, expired, revoked, users } = await store.stats()

      assert.deepEqual(
        { active, expired, revoked, users },
        { active: 3, expired: 1, revoked: 1, users: 2 },
      )
    },
  },
]
