import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import {
  aSession,
  aSid,
  assertMissing,
  assertNear,
  contentOf,
  expiryOf,
  held,
  HOUR,
  save,
  stored,
  visit,
} from './store-check.js'

const secret = 'kelp-and-salt-and-a-long-tide-0123456789'

/** What options change. */
export const options: readonly StoreCheck[] = [
  {
    name: 'asks userId whose session it is',
    async check(open) {
      const store = await open({ userId: ({ owner }) => owner as string })
      await stored(store, { owner: 'ada', userId: 'ignored' })

      assert.equal((await store.sessionsOf('ada')).length, 1)
      assert.equal((await store.sessionsOf('ignored')).length, 0)
    },
  },
  {
    name: 'stores what the serializer made, and waits for what it reads',
    async check(open) {
      const serializer = {
        stringify: (session: object) => `v1:${JSON.stringify(session)}`,
        parse: (text: string) => Promise.resolve(JSON.parse(text.slice(3)) as unknown),
      }
      const store = await open({ serializer })
      const sid = await stored(store, { visits: 1 })
      const [one, other] = [await visit(store, sid), await visit(store, sid)]

      await save(Object.assign(one.session, { a: 1 }))
      await save(Object.assign(other.session, { b: 2 }))

      assert.deepEqual(await contentOf(store, sid), { visits: 1, a: 1, b: 2 })
    },
  },
  {
    name: 'fails with a typed error where the serializer throws',
    async check(open) {
      const stringify = () => {
        throw new TypeError('no')
      }
      const store = await open({ serializer: { stringify, parse: JSON.parse } })

      await assert.rejects(store.set(aSid(), aSession()), { code: 'ERR_SERIALIZATION' })
    },
  },
  {
    name: 'keeps sessions of different contexts apart, under one id too',
    async check(open) {
      const [web, admin] = [await open({ context: 'web' }), await open({ context: 'admin' })]
      const sid = aSid()
      await web.set(sid, aSession({ of: 'web', userId: 'ada' }))

      await assertMissing(admin, sid)
      await admin.destroy(sid)
      assert.equal(await admin.destroyUser('ada'), 0)
      await admin.clear()

      assert.equal(await admin.length(), 0)
      assert.deepEqual(await contentOf(web, sid), { of: 'web', userId: 'ada' })
    },
  },
  {
    name: 'lets no session live beyond absoluteTtl, however active',
    async check(open) {
      const store = await open({ absoluteTtl: 2 * HOUR, touchEvery: 0 })
      const sid = aSid()
      await store.set(sid, aSession({}, 9 * HOUR))

      await store.touch(sid, aSession({}, 9 * HOUR))
      assertNear(expiryOf(await held(store, sid)), Date.now() + 2 * HOUR)
      await store.set(sid, aSession({}, 9 * HOUR))

      assertNear(expiryOf(await held(store, sid)), Date.now() + 2 * HOUR)
    },
  },
  {
    name: 'does not persist a touch that moves the expiry by less than touchEvery',
    async check(open) {
      const store = await open({ touchEvery: '5m' })
      const sid = aSid()
      const before = Date.now() + HOUR
      await store.set(sid, aSession())

      await store.touch(sid, aSession({}, HOUR + 240_000))
      assertNear(expiryOf(await held(store, sid)), before)
      await store.touch(sid, aSession({}, HOUR + 360_000))

      assertNear(expiryOf(await held(store, sid)), before + 360_000)
    },
  },
  {
    name: 'names sessions by context and cookie’s id where hashSessionIds is off',
    async check(open) {
      const store = await open({ hashSessionIds: false, context: 'shop' })
      const sid = aSid()
      await store.set(sid, aSession())

      assert.deepEqual(await store.ids(), [`shop:${sid}`])
      for (const impossible of ['a\0b', 'a'.repeat(2000)]) {
        await assertMissing(store, impossible)
        await assert.rejects(store.set(impossible, aSession()), { code: 'ERR_INVALID_SESSION_ID' })
      }
    },
  },
  {
    name: 'merges where sessions are encrypted',
    async check(open) {
      const store = await open({ encryption: { keys: { k1: secret }, current: 'k1' } })
      const sid = await stored(store, { start: '\0 and \ud800' })
      const [one, other] = [await visit(store, sid), await visit(store, sid)]

      await save(Object.assign(one.session, { a: 1 }))
      await save(Object.assign(other.session, { b: 2 }))

      assert.deepEqual(await contentOf(store, sid), { start: '\0 and \ud800', a: 1, b: 2 })
    },
  },
  {
    name: 'lets the last save replace all where onConflict is overwrite',
    async check(open) {
      const store = await open({ onConflict: 'overwrite' })
      const sid = await stored(store)
      const [one, other] = [await visit(store, sid), await visit(store, sid)]

      await save(Object.assign(one.session, { a: 1 }))
      await save(Object.assign(other.session, { b: 2 }))

      assert.deepEqual(await contentOf(store, sid), { b: 2 })
    },
  },
  {
    name: 'fails the later save where onConflict is reject',
    async check(open) {
      const store = await open({ onConflict: 'reject' })
      const sid = await stored(store)
      const [one, other] = [await visit(store, sid), await visit(store, sid)]
      await save(Object.assign(one.session, { a: 1 }))

      await assert.rejects(save(Object.assign(other.session, { b: 2 })), { code: 'ERR_CONFLICT' })

      assert.deepEqual(await contentOf(store, sid), { a: 1 })
    },
  },
  {
    name: 'stores what an onConflict of one’s own returns',
    async check(open) {
      const store = await open({
        onConflict: ({ base, mine, theirs }) => ({
          ...theirs,
          visits: Number(theirs['visits']) + Number(mine['visits']) - Number(base['visits']),
        }),
      })
      const sid = await stored(store, { visits: 10 })
      const [one, other] = [await visit(store, sid), await visit(store, sid)]

      await save(Object.assign(one.session, { visits: 11 }))
      await save(Object.assign(other.session, { visits: 12 }))

      assert.deepEqual(await contentOf(store, sid), { visits: 13 })
    },
  },
]
