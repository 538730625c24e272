import { describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { cookieSettings, isSameCookie } from '../../../../src/doors/express/cookie-settings.js'

const HOUR = 3_600_000

function aCookie(options: object = {}): object {
  return { originalMaxAge: HOUR, path: '/', httpOnly: true, ...options }
}

function isSame(one: unknown, other: unknown): boolean {
  return isSameCookie(cookieSettings(one), cookieSettings(other))
}

describe('two cookies are the same', () => {
  it('whenever they expire', () => {
    const [soon, late] = [1, HOUR].map((ms) => aCookie({ expires: new Date(Date.now() + ms) }))
    expect(isSame(soon, late)).toBe(true)
  })

  it('where their lifetimes differ by what a request takes', () => {
    expect(isSame(aCookie(), aCookie({ originalMaxAge: HOUR - 3 }))).toBe(true)
  })

  it('as JSON and as express-session’s own', () => {
    const json = { originalMaxAge: HOUR, path: '/', httpOnly: true, sameSite: 'lax' }
    const store = new session.MemoryStore()
    const req = { sessionID: 'a', sessionStore: store } as never
    const { cookie } = store.createSession(req, { cookie: { ...json } } as never)
    expect(isSame(json, cookie)).toBe(true)
    expect(isSame(json, JSON.parse(JSON.stringify(cookie)))).toBe(true)
  })

  it('where neither has a lifetime, however that is said', () => {
    const none = [aCookie({ originalMaxAge: null }), aCookie({ originalMaxAge: undefined })]
    expect(isSame(none[0], none[1])).toBe(true)
  })

  it('where there are none', () => {
    expect(isSame(undefined, null)).toBe(true)
    expect(isSame(undefined, {})).toBe(true)
  })
})

describe('the settings of a cookie', () => {
  it.each([1n, {}, Symbol('path'), () => '/'])('hold nothing that is none: %p', (path) => {
    expect(cookieSettings({ path })).toEqual(cookieSettings({}))
  })
})

describe('two cookies differ', () => {
  it.each([
    { path: '/admin' },
    { domain: 'sea.example' },
    { secure: true },
    { httpOnly: false },
    { sameSite: 'strict' },
    { partitioned: true },
    { priority: 'high' },
    { originalMaxAge: HOUR + 100 },
    { originalMaxAge: HOUR - 100 },
    { originalMaxAge: null },
  ])('by %j', (options) => {
    expect(isSame(aCookie(), aCookie(options))).toBe(false)
  })
})
