import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type session from 'express-session'
import type { EngineStore } from '../../../src/doors/express/index.js'
import { aSid, HOUR, visit } from '../../../src/testing/store-contract/store-check.js'
import { openShore, type Shore } from '../doors/express/stores.js'
import { answerOf } from './answer.js'
import { checkProperty } from './check-property.js'

const CENTURY = 100 * 365.25 * 24 * HOUR

/** What the way to the store and back may take, on a busy machine. */
const SLACK = 10_000

let shore: Shore
let store: EngineStore

beforeAll(async () => {
  shore = await openShore()
  store = shore.open('redis', { ttl: '2h' })
})

afterAll(() => shore.end())

it('a session lives for as long as its cookie says, however that says it', () =>
  checkProperty(
    anyCookie(),
    { runs: 40, examples: [{ path: '/', expires: new Date(Date.UTC(12_000, 0)) }] },
    async (cookie) => {
      const [sid, lifetime] = [aSid(), lifetimeIn(cookie)]

      const { failed } = await answerOf((done) => store.set(sid, { cookie } as never, done))
      expect(failed).toBeUndefined()
      await expectLifetime(sid, lifetime)

      await answerOf((done) => store.touch(sid, { cookie } as never, done))
      await expectLifetime(sid, lifetime)
      if (lifetime > SLACK) await expectServed(sid)
    },
  ))

it('a touch moves the expiry later, and never to nowhere', () =>
  checkProperty(anyCookie(), { runs: 20 }, async (cookie) => {
    const sid = aSid()
    const path = '/'
    await store.set(sid, { cookie: { path, expires: new Date(Date.now() + HOUR) } } as never)
    const { session: visited } = await visit(store, sid)

    const touched = Object.assign(visited, { cookie })
    const { failed } = await answerOf((done) => store.touch(sid, touched as never, done))

    expect(failed).toBeUndefined()
    if (lifetimeIn(cookie) > SLACK) await expectServed(sid)
  }))

it('a cookie whose settings have no form in JSON is refused by a typed error', () =>
  checkProperty(fc.constantFrom('path', 'domain', 'sameSite'), { runs: 6 }, async (name) => {
    const { failed } = await answerOf((done) =>
      store.set(aSid(), { cookie: { [name]: 1n } } as never, done),
    )
    expect(failed).toBe('ERR_SERIALIZATION')
  }))

async function expectLifetime(sid: string, lifetime: number): Promise<void> {
  const id = store.engine.idOf(sid)!
  const loaded = await store.engine.read(id)
  if (lifetime <= 0) {
    expect(loaded).toBeUndefined()
  } else if (lifetime > SLACK) {
    const left = (loaded?.expiresAt ?? NaN) - Date.now()
    expect(Math.abs(left - Math.min(lifetime, CENTURY))).toBeLessThan(SLACK)
  }
}

/** It becomes a request's session whose cookie goes out with a date, or without one. */
async function expectServed(sid: string): Promise<void> {
  const visited = (await visit(store, sid)).session as unknown as session.Session
  const { expires } = visited.cookie as { expires?: Date | null }
  if (expires) expect(expires.getTime()).toBeGreaterThan(Date.now())
  const { cookie } = visited as unknown as {
    cookie: { serialize(name: string, v: string): string }
  }
  expect(cookie.serialize('sid', 'value')).toMatch(/^sid=value; Path=\/(; Expires=\w{3}, [^N]+)?/)
  visited.touch()
  JSON.stringify(visited)
}

/** By the documented order: a date, `maxAge`, `originalMaxAge`, the store's `ttl`. */
function lifetimeIn(cookie: Record<string, unknown>): number {
  const { expires, maxAge, originalMaxAge } = cookie
  const isDated = expires instanceof Date || typeof expires === 'string'
  const lifetimes = [
    isDated ? new Date(expires).getTime() - Date.now() : NaN,
    typeof maxAge === 'number' ? maxAge : NaN,
    typeof originalMaxAge === 'number' ? originalMaxAge : NaN,
  ]
  return lifetimes.find((lifetime) => !Number.isNaN(lifetime)) ?? 2 * HOUR
}

function anyCookie(): fc.Arbitrary<Record<string, unknown>> {
  const times = fc.oneof(
    fc.date({ noInvalidDate: false }),
    fc.date({ min: new Date(Date.now() + HOUR), noInvalidDate: false }),
    fc.constantFrom(NaN, 8.64e15, -8.64e15, 253_402_300_800_000).map((time) => new Date(time)),
  )
  const texts = times.map((time) => (Number.isNaN(time.getTime()) ? 'no date' : time.toISOString()))
  const odd = fc.constantFrom<unknown>(null, undefined, true, '', 'soon', {}, [], -1, 0, 0.5, 1e300)
  const lengths = fc.oneof(odd, fc.double(), fc.integer({ min: 60_000, max: 1e12 }))
  const fields = {
    path: fc.constant('/'),
    expires: fc.oneof(times, texts, odd),
    maxAge: lengths,
    originalMaxAge: lengths,
  }
  return fc.record(fields, { requiredKeys: ['path'] })
}
