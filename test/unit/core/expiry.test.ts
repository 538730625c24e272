import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { MAX_LIFETIME, lifetimeOf } from '../../../src/core/expiry.js'

const now = Date.UTC(2030, 0, 1)
const HOUR = 3_600_000
const FALLBACK = 86_400_000
const of = (session: unknown): number => lifetimeOf(session, () => FALLBACK, now)

describe('lifetimeOf', () => {
  it.each([
    ['a date', { expires: new Date(now + HOUR) }, HOUR],
    ['a date as text', { expires: new Date(now + HOUR).toISOString() }, HOUR],
    ['a date before a maxAge', { expires: new Date(now + HOUR), maxAge: 5 }, HOUR],
    ['a date that has passed', { expires: new Date(now - 5) }, -5],
    ['a maxAge', { maxAge: HOUR }, HOUR],
    ['a maxAge of zero', { maxAge: 0 }, 0],
    ['a fraction', { maxAge: 1.5 }, 2],
    ['an original maxAge', { originalMaxAge: HOUR }, HOUR],
    ['a maxAge before an original one', { maxAge: 7, originalMaxAge: HOUR }, 7],
    ['a maxAge where the date is none', { expires: 'nonsense', maxAge: HOUR }, HOUR],
    ['a maxAge where the date is invalid', { expires: new Date(NaN), maxAge: HOUR }, HOUR],
  ])('takes the lifetime of %s', (_what, cookie, lifetime) => {
    expect(of({ cookie })).toBe(lifetime)
  })

  it.each([
    ['no session', undefined],
    ['null', null],
    ['text', 'session'],
    ['no cookie', {}],
    ['a cookie that is none', { cookie: 'a=b' }],
    ['a null cookie', { cookie: null }],
    ['an empty cookie', { cookie: {} }],
    ['a browser-session cookie', { cookie: { expires: null, originalMaxAge: null } }],
    ['numbers that are none', { cookie: { maxAge: NaN, originalMaxAge: '5' } }],
    ['an expiry that is a number', { cookie: { expires: now } }],
  ])('falls back for %s', (_what, session) => {
    expect(of(session)).toBe(FALLBACK)
  })

  it.each([
    ['a date', { expires: new Date(8.64e15) }],
    ['a maxAge', { maxAge: Infinity }],
  ])('cuts %s to a hundred years', (_what, cookie) => {
    expect(of({ cookie })).toBe(MAX_LIFETIME)
  })

  it('cuts the fallback as well', () => {
    expect(lifetimeOf({}, () => Number.MAX_VALUE, now)).toBe(MAX_LIFETIME)
  })

  it('asks for the fallback only where the cookie tells nothing', () => {
    const never = (): number => {
      throw new Error('asked')
    }
    expect(lifetimeOf({ cookie: { maxAge: 1 } }, never, now)).toBe(1)
  })

  it('gives a number of at most a hundred years for anything', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (expires, maxAge) => {
        const lifetime = of({ cookie: { expires, maxAge } })
        expect(lifetime <= MAX_LIFETIME).toBe(true)
        expect(lifetime).not.toBeNaN()
      }),
    )
  })
})
