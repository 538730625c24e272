import { describe, expect, it } from '@jest/globals'
import { aNear, toNearSettings } from '../../../src/core/near-options.js'

describe('the option near', () => {
  it.each([
    [true],
    [false],
    [{}],
    [{ maxEntries: 1 }],
    [{ maxAge: 1 }],
    [{ maxAge: '5s' }],
    [{ maxEntries: 1_000_000, maxAge: 5_000 }],
  ])('may be %j', (value) => {
    expect(aNear(value)).toBeUndefined()
  })

  it.each([
    [null, 'must be true, false, or { maxEntries, maxAge }'],
    [1, 'must be true, false, or { maxEntries, maxAge }'],
    [[], 'must be true, false, or { maxEntries, maxAge }'],
    [{ maxEntries: 0 }, "The option 'maxEntries' must be a whole number from 1 to 1000000"],
    [{ maxEntries: 1.5 }, "The option 'maxEntries' must be a whole number from 1 to 1000000"],
    [{ maxAge: 0 }, "The option 'maxAge' must be a duration from 1 ms to 5 s"],
    [{ maxAge: '6s' }, "The option 'maxAge' must be a duration from 1 ms to 5 s"],
    [{ maxSize: 1 }, "The option 'maxSize' is not known; there are maxAge, maxEntries"],
  ])('may not be %j', (value, problem) => {
    expect(aNear(value)).toContain(problem)
  })
})

describe('the settings of near', () => {
  it.each([[undefined], [false]])('are none where it is %p', (near) => {
    expect(toNearSettings(near)).toBeUndefined()
  })

  it.each([
    [true, { maxEntries: 10_000, maxAge: 2_000 }],
    [{}, { maxEntries: 10_000, maxAge: 2_000 }],
    [
      { maxEntries: 5, maxAge: '1s' as const },
      { maxEntries: 5, maxAge: 1_000 },
    ],
  ])('for %j are %j', (near, settings) => {
    expect(toNearSettings(near)).toEqual(settings)
  })
})
