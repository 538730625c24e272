import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { CheckedStore, StoreCallback, StoreCheck } from './store-check.js'
import { aSession, aSid } from './store-check.js'

type Done = StoreCallback<unknown>

/** As a caller does who leaves the callback out. */
const none = undefined as unknown as Done

/** Each method that takes a callback. */
const methods: Readonly<Record<string, (store: CheckedStore, done: Done) => unknown>> = {
  get: (store, done) => store.get(aSid(), done),
  set: (store, done) => store.set(aSid(), aSession(), done),
  touch: (store, done) => store.touch(aSid(), aSession(), done),
  destroy: (store, done) => store.destroy(aSid(), done),
  'destroy of several': (store, done) => store.destroy([aSid(), aSid()], done),
  'destroy of none': (store, done) => store.destroy([], done),
  all: (store, done) => store.all(done),
  ids: (store, done) => store.ids(done),
  length: (store, done) => store.length(done),
  clear: (store, done) => store.clear(done),
  'set of an impossible id': (store, done) => store.set('', aSession(), done),
}

const each = Object.entries(methods)

/**
 * Calls with a callback, and gives each call of it, after some turns in which it might come a
 * second time.
 */
async function callsOf(
  call: (done: Done) => unknown,
): Promise<{ returned: unknown; isSync: boolean; calls: unknown[][] }> {
  const calls: unknown[][] = []
  let isReturned = false
  let isSync = false
  let returned: unknown
  await new Promise<void>((resolve) => {
    returned = call((...args: unknown[]) => {
      isSync ||= !isReturned
      calls.push(args)
      resolve()
    })
    isReturned = true
  })
  for (let turns = 0; turns < 3; turns++) await turn()
  return { returned, isSync, calls }
}

/** How a store answers: through callbacks, or with promises. */
export const callbacks: readonly StoreCheck[] = [
  ...(each.map(([method, call]) => ({
    name: `calls back once, on a later tick, and returns nothing: ${method}`,
    async check(open) {
      const store = await open()

      const { returned, isSync, calls } = await callsOf((done) => call(store, done))

      assert.equal(returned, undefined)
      assert.equal(isSync, false, 'the callback came before the method returned')
      assert.equal(calls.length, 1)
    },
  })) satisfies StoreCheck[]),
  ...(each.map(([method, call]) => ({
    name: `returns a promise where no callback is given: ${method}`,
    async check(open) {
      const store = await open()

      const returned = call(store, none)

      assert.ok(returned instanceof Promise, 'no promise')
      await returned.catch(() => undefined)
    },
  })) satisfies StoreCheck[]),
  {
    name: 'gives a missing session as null, and no error',
    async check(open) {
      const store = await open()

      const { calls } = await callsOf((done) => store.get(aSid(), done))

      assert.deepEqual(calls, [[null, null]])
    },
  },
  {
    name: 'gives null as the error of what went well',
    async check(open) {
      const store = await open()
      const sid = aSid()

      const outcomes = [
        await callsOf((done) => store.set(sid, aSession(), done)),
        await callsOf((done) => store.touch(sid, aSession(), done)),
        await callsOf((done) => store.get(sid, done)),
        await callsOf((done) => store.length(done)),
        await callsOf((done) => store.destroy(sid, done)),
      ]

      assert.deepEqual(
        outcomes.map(({ calls }) => calls[0]?.[0]),
        [null, null, null, null, null],
      )
    },
  },
  {
    name: 'gives a failure as the error, and no result',
    async check(open) {
      const store = await open()

      const { calls } = await callsOf((done) => store.set('', aSession(), done))

      assert.equal(calls[0]?.length, 1)
      assert.equal((calls[0][0] as { code?: unknown }).code, 'ERR_INVALID_SESSION_ID')
    },
  },
]
