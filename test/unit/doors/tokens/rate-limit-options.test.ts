import { describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from 'holdfast'
import { SessionManager } from 'holdfast/tokens'
import { limitOf } from '../../../../src/doors/tokens/limits/rate-limit-options.js'

const limit = { points: 5, duration: '1m' }

describe('the limits of a manager', () => {
  it.each([
    ['nothing', null],
    ['true', true],
    ['a list', []],
    ['an unknown limit', { login: limit }],
    ['a client that is none', { redis: {} }],
    ['a URL as a client', { redis: 'redis://localhost' }],
    ['an empty prefix', { prefix: '' }],
    ['a number as a limit', { createOfUser: 5 }],
    ['no limit', { createFromAddress: null }],
    ['no points', { refresh: { duration: '1m' } }],
    ['no duration', { invalidToken: { points: 5 } }],
    ['an unknown part', { refresh: { ...limit, block: '1m' } }],
    ['points of zero', { refresh: { ...limit, points: 0 } }],
    ['half a point', { refresh: { ...limit, points: 0.5 } }],
    ['a duration below a second', { refresh: { ...limit, duration: 999 } }],
    ['a duration that no timer has', { refresh: { ...limit, duration: '25d' } }],
    ['a duration that is none', { refresh: { ...limit, duration: 'soon' } }],
  ])('are refused where there is %s', (_what, rateLimits) => {
    const open = () => new SessionManager({ rateLimits: rateLimits as never })

    expect(open).toThrow(InvalidOptionError)
    expect(open).toThrow(/^The option 'rateLimits' /)
  })

  it.each([
    ['none at all', false],
    ['the defaults', {}],
    ['one that is not given', { refresh: undefined }],
    [
      'each',
      { createOfUser: limit, createFromAddress: limit, refresh: limit, invalidToken: limit },
    ],
  ])('may be %s', (_what, rateLimits) => {
    expect(() => new SessionManager({ rateLimits: rateLimits as never })).not.toThrow()
  })

  it('are counted in whole seconds, rounded up', () => {
    expect(limitOf({ refresh: { points: 5, duration: 1_001 } }, 'refresh')).toEqual({
      points: 5,
      duration: 2,
    })
    expect(limitOf({}, 'refresh')).toEqual({ points: 300, duration: 60 })
  })
})
