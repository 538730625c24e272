import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { SessionData } from 'express-session'
import { SerializationError } from '../../../../src/core/errors.js'
import { MemorySessionStore } from '../../../../src/doors/express/index.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'

let clock: ManualClock
let store: MemorySessionStore

beforeEach(() => {
  clock = new ManualClock()
  store = new MemorySessionStore({ clock })
})

afterEach(() => store.close())

/** A session whose cookie lives for so long, ms. */
function lasting(originalMaxAge: number): SessionData {
  const expires = new Date(clock.now() + originalMaxAge)
  const session: object = { cookie: { path: '/', httpOnly: true, originalMaxAge, expires } }
  return session as SessionData
}

describe.each(['set', 'touch'] as const)('%s', (method) => {
  it.each([undefined, null, 'text', 7])('rejects %p, which is no session', async (given) => {
    const refusal = store[method]('sid', given as never)

    await expect(refusal).rejects.toThrow(SerializationError)
    expect(await store.length()).toBe(0)
  })

  it('hands it to a callback as well', async () => {
    const error = await new Promise((resolve) => {
      store[method]('sid', undefined as never, resolve)
    })
    expect(error).toMatchObject({ code: 'ERR_SERIALIZATION' })
  })
})

describe('a touch', () => {
  it.each([
    { from: 1200, to: 500 },
    { from: 1200, to: 1100 },
  ])('shortens the lifetime of a cookie from $from to $to ms', async ({ from, to }) => {
    await store.set('sid', lasting(from))
    const loaded = await store.get('sid')
    await store.touch('sid', Object.assign(loaded!, lasting(to)))

    const [summary] = await store.engine.list()
    expect(summary!.expiresAt - clock.now()).toBe(to)
    expect((await store.get('sid'))?.cookie.originalMaxAge).toBe(to)
  })
})

describe('a touch of a session that was loaded', () => {
  it('is told before anything that the request does after it', async () => {
    await store.set('sid', lasting(1200))
    const loaded = (await store.get('sid'))!
    const order: string[] = []
    const told = new Promise<void>((resolve) => {
      store.touch('sid', loaded, () => resolve(void order.push('touched')))
    })
    process.nextTick(() => order.push('flushed'))
    expect(order).toEqual([])
    await told

    expect(order[0]).toBe('touched')
  })

  it('asks for the lifetime once, also where that throws, and throws nothing itself', async () => {
    const asked: unknown[] = []
    const ttl = (session: object): number => {
      asked.push(session)
      if (asked.length > 1) throw new Error('No lifetime')
      return 1_000
    }
    const choosy = new MemorySessionStore({ clock, ttl })
    await choosy.set('sid', { visits: 1 } as unknown as SessionData)
    const loaded = (await choosy.get('sid'))!
    asked.length = 1
    await expect(choosy.touch('sid', loaded)).rejects.toThrow('No lifetime')
    Object.defineProperty(loaded, 'cookie', {
      get() {
        throw new Error('No cookie')
      },
    })
    const refused = choosy.touch('sid', loaded)

    await expect(refused).rejects.toThrow('No cookie')
    expect(asked).toHaveLength(2)
    await choosy.close()
  })

  it('tells its callback of an error, once', async () => {
    await store.set('sid', lasting(1200))
    const loaded = (await store.get('sid'))!
    await store.close()
    const errors: unknown[] = []
    store.touch('sid', loaded, (error) => errors.push(error))
    await new Promise((resolve) => setImmediate(resolve))

    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_CLOSED' })])
  })
})

describe('a cookie’s id', () => {
  it('is hashed once a request: when its session is loaded', async () => {
    await store.set('sid', lasting(1200))
    const hashed: unknown[] = []
    const { idOf } = store.engine
    store.engine.idOf = (sid) => {
      hashed.push(sid)
      return idOf.call(store.engine, sid)
    }
    const loaded = await store.get('sid')
    await store.set('sid', Object.assign(loaded!, { visits: 1 }))
    await store.touch('sid', loaded!)

    expect(hashed).toEqual(['sid'])
  })

  it('is not taken for that of a session which inherited what another one carries', async () => {
    await store.set('one', Object.assign(lasting(1200), { of: 'one' }))
    const loaded = await store.get('one')
    await store.set('two', Object.assign(loaded!, { of: 'two' }))

    expect(await store.get('one')).toMatchObject({ of: 'one' })
    expect(await store.get('two')).toMatchObject({ of: 'two' })
  })
})
