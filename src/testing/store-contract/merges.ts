import assert from 'node:assert/strict'
import {
  aSession,
  aSid,
  assertNear,
  begin,
  change,
  contentOf,
  expiryOf,
  held,
  HOUR,
  save,
  stored,
  twoVisits,
  visit,
  type StoreCheck,
} from './store-check.js'

/** What becomes of a session that two requests change at the same time. */
export const merges: readonly StoreCheck[] = [
  {
    name: 'keeps what two requests put under different keys',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { start: 1 })
      const [one, other] = await twoVisits(store, sid)

      await Promise.all([change(one, { a: 1 }), change(other, { b: 2 })])

      assert.deepEqual(await contentOf(store, sid), { start: 1, a: 1, b: 2 })
    },
  },
  {
    name: 'keeps what two requests put into one object',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { cart: { kelp: 1 } })
      const [one, other] = await twoVisits(store, sid)

      await change(one, { cart: { kelp: 1, salt: 2 } })
      await change(other, { cart: { kelp: 5 } })

      assert.deepEqual(await contentOf(store, sid), { cart: { kelp: 5, salt: 2 } })
    },
  },
  {
    name: 'keeps a key deleted that another request did not touch',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { flash: 'Welcome', visits: 1 })
      const [one, other] = await twoVisits(store, sid)
      delete one.session['flash']

      await save(one.session)
      await change(other, { visits: 2 })

      assert.deepEqual(await contentOf(store, sid), { visits: 2 })
    },
  },
  {
    name: 'lets the later save have a key that both changed',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { page: 'home' })
      const [one, other] = await twoVisits(store, sid)

      await change(one, { page: 'cart' })
      await change(other, { page: 'checkout' })

      assert.deepEqual(await contentOf(store, sid), { page: 'checkout' })
    },
  },
  {
    name: 'keeps a lifetime that a request gave its cookie while another changed something else',
    async check(open) {
      for (const isFirst of [true, false]) {
        const store = await open()
        const sid = aSid()
        await save(begin(store, sid, aSession({}, HOUR)).session)
        const [remembering, other] = await twoVisits(store, sid)
        ;(remembering.session['cookie'] as { maxAge: number }).maxAge = 30 * 24 * HOUR
        if (isFirst) await save(remembering.session)

        await change(other, { page: 1 })
        await change(other, { page: 2 })
        if (!isFirst) await save(remembering.session)

        const loaded = await held(store, sid)
        const { originalMaxAge } = loaded['cookie'] as { originalMaxAge: number }
        assert.equal(loaded['page'], 2)
        assertNear(originalMaxAge, 30 * 24 * HOUR)
        assertNear(expiryOf(loaded), Date.now() + 30 * 24 * HOUR)
      }
    },
  },
  {
    name: 'keeps a cookie that a request made outlast its browser while another changed something else',
    async check(open) {
      for (const isFirst of [true, false]) {
        const store = await open()
        const sid = aSid()
        const cookie = { originalMaxAge: null, expires: null, path: '/', httpOnly: true }
        await save(begin(store, sid, { cookie }).session)
        const [remembering, other] = await twoVisits(store, sid)
        ;(remembering.session['cookie'] as { maxAge: number }).maxAge = 30 * 24 * HOUR
        if (isFirst) await save(remembering.session)

        await change(other, { page: 1 })
        if (!isFirst) await save(remembering.session)

        assertNear(expiryOf(await held(store, sid)), Date.now() + 30 * 24 * HOUR)
      }
    },
  },
  {
    name: 'drops what a request made of a session under which somebody logged in',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { cart: ['kelp'] })
      const [login, slow] = await twoVisits(store, sid)

      await change(login, { userId: 'ada' })
      await change(slow, { cart: ['kelp', 'theirs'] })

      assert.deepEqual(await contentOf(store, sid), { cart: ['kelp'], userId: 'ada' })
    },
  },
  {
    name: 'keeps what two requests put into a session that both began under one id',
    async check(open) {
      const store = await open()
      const sid = aSid()
      const [one, other] = [begin(store, sid), begin(store, sid)]

      await change(one, { a: 1 })
      await change(other, { b: 2 })

      assert.deepEqual(await contentOf(store, sid), { a: 1, b: 2 })
    },
  },
  {
    name: 'loses nothing of another request by a second save after a merge',
    async check(open) {
      const store = await open()
      const sid = await stored(store, { kept: true, doomed: true })
      const [one, other] = await twoVisits(store, sid)
      delete other.session['doomed']
      await change(other, { theirs: 1 })

      await change(one, { mine: 1 })
      await change(one, { mine: 2 })

      assert.deepEqual(await contentOf(store, sid), { kept: true, theirs: 1, mine: 2 })
    },
  },
  {
    name: 'loses nothing where two requests save in turns',
    async check(open) {
      const store = await open()
      const sid = await stored(store)
      const [one, other] = await twoVisits(store, sid)

      for (let round = 1; round <= 3; round++) {
        await change(one, { [`one${round}`]: round })
        await change(other, { [`other${round}`]: round })
      }

      const rounds = [1, 2, 3].flatMap((round) => [
        [`one${round}`, round],
        [`other${round}`, round],
      ])
      assert.deepEqual(await contentOf(store, sid), Object.fromEntries(rounds))
    },
  },
  {
    name: 'loses nothing of a hundred saves at once',
    async check(open) {
      const store = await open()
      const sid = await stored(store)
      const names = Array.from({ length: 100 }, (_, index) => `key${index}`)
      const visits = await Promise.all(names.map(() => visit(store, sid)))

      await Promise.all(visits.map((each, index) => change(each, { [`key${index}`]: index })))

      const content = await contentOf(store, sid)
      assert.deepEqual(Object.keys(content).sort(), [...names].sort())
    },
  },
]
