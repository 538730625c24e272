import assert from 'node:assert/strict'
import type { CheckedStore, StoreCheck } from './store-check.js'
import { aSession, aSid, BRIEF, held, soon } from './store-check.js'

const calls: Readonly<Record<string, (store: CheckedStore) => Promise<unknown>>> = {
  ready: (store) => store.ready(),
  get: (store) => store.get(aSid()),
  set: (store) => store.set(aSid(), aSession()),
  touch: (store) => store.touch(aSid(), aSession()),
  destroy: (store) => store.destroy(aSid()),
  all: (store) => store.all(),
  ids: (store) => store.ids(),
  length: (store) => store.length(),
  clear: (store) => store.clear(),
  sessionsOf: (store) => store.sessionsOf('ada'),
  destroyUser: (store) => store.destroyUser('ada'),
  revoke: (store) => store.revoke('nobody'),
  sweep: (store) => store.sweep(),
  stats: (store) => store.stats(),
}

/** How a store begins, is kept in order, and ends. */
export const upkeep: readonly StoreCheck[] = [
  {
    name: 'is ready as often as it is asked',
    async check(open) {
      const store = await open()

      await Promise.all([store.ready(), store.ready()])
      await store.ready()
    },
  },
  {
    name: 'can be used at once',
    async check(open) {
      const store = await open()
      const sid = aSid()

      const [, session] = await Promise.all([store.set(sid, aSession()), held(store, sid)])

      assert.ok(session)
    },
  },
  {
    name: 'tells that all is well',
    async check(open) {
      const store = await open()

      assert.equal((await store.health()).status, 'ok')
    },
  },
  {
    name: 'sweeps what expired, and nothing that lives',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession())
      for (let count = 0; count < 3; count++) await store.set(aSid(), aSession({}, BRIEF))
      await soon()

      assert.equal((await store.sweep()).removed, 3)

      await held(store, sid)
      assert.equal((await store.stats()).expired, 0)
      assert.equal((await store.sweep()).removed, 0)
    },
  },
  {
    name: 'closes once, however often it is asked',
    async check(open) {
      const store = await open()
      await store.set(aSid(), aSession())

      await Promise.all([store.close(), store.close()])
      await store.close()
    },
  },
  {
    name: 'ends what is under way before it closes',
    async check(open) {
      const store = await open()

      const setting = store.set(aSid(), aSession())
      await store.close()

      await setting
    },
  },
  {
    name: 'fails with a typed error once it is closed',
    async check(open) {
      const store = await open()
      await store.close()

      for (const [method, call] of Object.entries(calls)) {
        await assert.rejects(call(store), { code: 'ERR_CLOSED' }, method)
      }
    },
  },
]
