import assert from 'node:assert/strict'
import type { StoreCheck } from './store-check.js'
import { aSession, aSid, contentOf, save, stored, visit } from './store-check.js'

const DEPTH = 500

function nested(depth: number): object {
  let value: object = { leaf: true }
  for (let level = 0; level < depth; level++) value = { inner: value }
  return value
}

/** Sessions that are hard to keep, as JSON text: some keys can not be written as literals. */
const oddities: Readonly<Record<string, string>> = {
  'a key named save': '{"save":"mine"}',
  'a key named id': '{"id":"mine"}',
  'a key named req': '{"req":{"url":"/"}}',
  'a key named __proto__': '{"__proto__":{"admin":true}}',
  'a key named constructor': '{"constructor":"mine"}',
  'keys named like methods': '{"touch":1,"reload":2,"destroy":3,"regenerate":4,"resetMaxAge":5}',
  'keys that every object inherits': '{"toString":"mine","hasOwnProperty":"mine"}',
  'an empty key': '{"":"mine"}',
  'a key named __proto__ further in': '{"cart":{"__proto__":{"price":0},"items":[]}}',
  unicode: '{"naïve 🌊":"שלום \u2028 汉字"}',
  NUL: '{"\\u0000":"a\\u0000b"}',
  'halves of surrogate pairs': '{"\\ud83c":"\\udf0a","list":["\\ud800"]}',
  'deep nesting': JSON.stringify(nested(DEPTH)),
  'values of every kind': '{"a":[1,null,"",false,{}],"b":-1.5e-7,"c":null,"d":true}',
  'a hundred thousand characters': JSON.stringify({ long: 'ü'.repeat(100_000) }),
  'quotes and backslashes': JSON.stringify({ q: `'"\\\\{}$1,\t\n` }),
}

/** That what a session holds is kept as it is. */
export const contents: readonly StoreCheck[] = [
  ...(Object.entries(oddities).map(([what, json]) => ({
    name: `keeps ${what} from set to get`,
    async check(open) {
      const store = await open()
      const sid = aSid()

      await store.set(sid, aSession(JSON.parse(json) as object))

      assert.equal(JSON.stringify(await contentOf(store, sid)), json)
    },
  })) satisfies StoreCheck[]),
  ...(Object.entries(oddities).map(([what, json]) => ({
    name: `keeps ${what} from load to save`,
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession(JSON.parse(json) as object))
      const { session } = await visit(store, sid)
      session['seen'] = 1

      await save(session)

      const { seen, ...others } = (await contentOf(store, sid)) as { seen?: unknown }
      assert.equal(seen, 1)
      assert.deepEqual(others, JSON.parse(json))
    },
  })) satisfies StoreCheck[]),
  {
    name: 'keeps what a request puts into a new session',
    async check(open) {
      const store = await open()

      const sid = await stored(store, { name: 'Ada', cart: [1, 2] })

      assert.deepEqual(await contentOf(store, sid), { name: 'Ada', cart: [1, 2] })
    },
  },
  {
    name: 'keeps a session as it was when it was set',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const cart = ['kelp']

      const setting = store.set(sid, aSession({ cart }))
      cart.push('salt')
      await setting

      assert.deepEqual(await contentOf(store, sid), { cart: ['kelp'] })
    },
  },
  {
    name: 'gives each reader an object of its own',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { cart: { items: 1 } })

      const mine = (await contentOf(store, sid)) as { cart: { items: number } }
      mine.cart.items = 99

      assert.deepEqual(await contentOf(store, sid), { cart: { items: 1 } })
    },
  },
  {
    name: 'shows nothing of its own in a session',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { name: 'Ada' })

      const { session } = await visit(store, sid)

      assert.deepEqual(Object.keys(session).sort(), ['cookie', 'name'])
      assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(session)) as object).sort(), [
        'cookie',
        'name',
      ])
    },
  },
  {
    name: 'replaces what is there where the caller is from outside',
    async check(open) {
      const store = await open()
      const sid = aSid()
      await store.set(sid, aSession({ one: 1 }))

      await store.set(sid, aSession({ two: 2 }))

      assert.deepEqual(await contentOf(store, sid), { two: 2 })
    },
  },
  {
    name: 'fails with a typed error where a session is circular, or holds a BigInt',
    async check(open) {
      const store = await open()
      const circular: Record<string, unknown> = {}
      circular['self'] = circular

      for (const fields of [circular, { big: 1n }]) {
        await assert.rejects(store.set(aSid(), aSession(fields)), { code: 'ERR_SERIALIZATION' })
      }
    },
  },
]
