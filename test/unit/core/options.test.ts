import { describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from '../../../src/core/errors.js'
import {
  aBoolean,
  aFunction,
  checkOptions,
  durationFrom,
  either,
  integerIn,
  objectWith,
  oneOf,
  stringUpTo,
} from '../../../src/core/options.js'
import type { Check } from '../../../src/core/options.js'

const checks = { ttl: durationFrom(1), prefix: stringUpTo(3) }

describe('checkOptions', () => {
  it.each([[{}], [{ ttl: '1d' }], [{ ttl: undefined, prefix: 'abc' }], [Object.create(null)]])(
    'takes %p',
    (options) => {
      expect(() => checkOptions(options, checks)).not.toThrow()
    },
  )

  it.each([[undefined], [null], ['text'], [1], [[]]])(
    'refuses %p, which is no object',
    (options) => {
      expect(() => checkOptions(options, checks)).toThrow("The option 'options' must be an object")
    },
  )

  it('names the option that is bad, and what it should be', () => {
    expect(() => checkOptions({ prefix: 'abcd' }, checks)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        option: 'prefix',
        message: "The option 'prefix' must be a string of 1 to 3 characters",
      }),
    )
  })

  it('refuses an unknown option, and lists those that there are', () => {
    expect(() => checkOptions({ tll: 1 }, checks)).toThrow(
      "The option 'tll' is not known; there are prefix, ttl",
    )
  })

  it.each(['constructor', 'toString'])('knows no option %s', (name) => {
    expect(() => checkOptions({ [name]: 1 }, checks)).toThrow(InvalidOptionError)
  })

  it('refuses null, which is not "not given"', () => {
    expect(() => checkOptions({ ttl: null }, checks)).toThrow(InvalidOptionError)
  })
})

describe('checks', () => {
  const cases: readonly (readonly [string, Check, readonly unknown[], readonly unknown[]])[] = [
    ['durationFrom', durationFrom(1000), ['1s', 1000, '2w'], [999, '999ms', '', 'soon', null, -1]],
    ['integerIn', integerIn(1, 10), [1, 10], [0, 11, 1.5, '1', NaN, null]],
    ['oneOf', oneOf('a', false), ['a', false], ['b', true, undefined]],
    ['either', either(aFunction, oneOf(1)), [() => 1, 1], [2, 'a']],
    ['aFunction', aFunction, [() => 1, Date], [{}, null]],
    ['aBoolean', aBoolean, [true, false], [0, 'true', null]],
    ['stringUpTo', stringUpTo(3), ['a', 'abc'], ['', 'abcd', 'a\0', 1, null]],
    ['objectWith', objectWith('parse'), [JSON, { parse: () => 1 }], [{}, null, undefined, 1]],
  ]

  it.each(cases)('%s take what is good, and say what is wrong', (_name, check, good, bad) => {
    for (const value of good) expect(check(value)).toBeUndefined()
    for (const value of bad) expect(check(value)).toMatch(/^must /)
  })
})
