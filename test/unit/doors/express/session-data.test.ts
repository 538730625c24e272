import { describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { carriedBy, carriedFrom } from '../../../../src/doors/express/carry.js'
import { toContent, toSessionData } from '../../../../src/doors/express/session-data.js'
import type { LoadedSession } from '../../../../src/engine/loaded-session.js'
import { anId } from '../../../../src/testing/fixtures.js'

const at = Date.UTC(2030, 0, 1)

function aLoaded(json: string): LoadedSession {
  const content = JSON.parse(json) as Record<string, unknown>
  const times = { expiresAt: 1, absoluteExpiresAt: undefined }
  const texts = { raw: json, seen: json }
  return { id: anId('one'), version: 1, writeId: 'w', ...texts, content, tier: 'memory', ...times }
}

describe('a loaded session', () => {
  it('carries what its next save builds upon', () => {
    const loaded = aLoaded('{"name":"Ada"}')
    expect(carriedBy(toSessionData(loaded, at))?.cursor.base).toBe(loaded)
  })

  it('has the record’s expiry, not the one in its text', () => {
    const loaded = aLoaded('{"cookie":{"expires":"2001-01-01T00:00:00.000Z","path":"/"}}')
    expect(toSessionData(loaded, at)).toEqual({ cookie: { expires: new Date(at), path: '/' } })
  })

  it.each(['{"cookie":{"expires":null}}', '{"cookie":{}}', '{"cookie":null}', '{}'])(
    'is given no expiry that it had not: %s',
    (json) => {
      expect(JSON.stringify(toSessionData(aLoaded(json), at))).toBe(json)
    },
  )
})

describe('a session whose cookie was stored damaged', () => {
  it.each(['7', '"x"', 'true'])('has none where it is %s', (cookie) => {
    expect(toSessionData(aLoaded(`{"cookie":${cookie},"name":"Ada"}`), at)).toEqual({ name: 'Ada' })
  })

  it('has the record’s expiry where its own can be no date', () => {
    const loaded = aLoaded('{"cookie":{"expires":{"toString":1,"valueOf":1}}}')
    expect(toSessionData(loaded, at)).toEqual({ cookie: { expires: new Date(at) } })
  })

  it.each([
    '"maxAge":"a while"',
    '"originalMaxAge":"a while"',
    '"originalMaxAge":{}',
    '"originalMaxAge":1e300',
    '"maxAge":-1e300',
    '"expires":""',
    '"_expires":"x"',
    '"serialize":1',
    '"toJSON":1',
    '"data":{}',
    '"__proto__":{"serialize":1}',
  ])('becomes the session of a request without %s', (damage) => {
    const data = toSessionData(aLoaded(`{"cookie":{"path":"/x",${damage}}}`), at)
    expect(data).toEqual({ cookie: { path: '/x' } })

    const created = new session.MemoryStore().createSession({ sessionID: 'a' } as never, data)
    expect(created.touch().cookie).toBeInstanceOf(session.Cookie)
    expect(JSON.parse(JSON.stringify(created))).toMatchObject({ cookie: { path: '/x' } })
  })
})

describe('a session as it is stored', () => {
  const req = { sessionID: 'a' } as never

  it('is plain, with a plain cookie', () => {
    const store = new session.MemoryStore()
    const created = store.createSession(req, { cookie: { path: '/x' }, name: 'Ada' } as never)

    const content = toContent(created, undefined)

    expect(Object.getPrototypeOf(content)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(content['cookie'])).toBe(Object.prototype)
    expect(content).toMatchObject({ cookie: { path: '/x', httpOnly: true }, name: 'Ada' })
  })

  it('has the keys back that the request’s session could not hold', () => {
    const loaded = aLoaded('{"cookie":{},"save":1,"__proto__":{"a":1},"name":"Ada"}')
    const created = new session.MemoryStore().createSession(req, toSessionData(loaded, at))

    const content = toContent(created, carriedFrom(loaded))

    expect(Object.keys(content).sort()).toEqual(['__proto__', 'cookie', 'name', 'save'])
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it('is a copy: the session itself is left alone', () => {
    const given = { cookie: { path: '/' }, name: 'Ada' }
    const content = toContent(given, undefined)

    expect(content).toEqual(given)
    expect(content).not.toBe(given)
  })
})
