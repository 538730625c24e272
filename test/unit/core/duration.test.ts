import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { toMilliseconds } from '../../../src/core/duration.js'

const units = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }

describe('toMilliseconds', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1.5s', 1500],
    ['0s', 0],
    [1500, 1500],
    [0, 0],
    [1.6, 2],
    ['0.4ms', 0],
  ])('takes %j for %d ms', (value, ms) => {
    expect(toMilliseconds(value)).toBe(ms)
  })

  it.each([
    '',
    '15',
    'm',
    '15 m',
    ' 15m',
    '15m\n',
    '-1m',
    '+1m',
    '1e3s',
    '1.s',
    '.5s',
    '15M',
    '15mm',
    '1_000s',
    `${'9'.repeat(400)}w`,
    -1,
    NaN,
    Infinity,
    null,
    undefined,
    true,
    1n,
    {},
    [5],
    new Date(0),
  ])('takes %p for no duration', (value) => {
    expect(toMilliseconds(value)).toBeUndefined()
  })

  it('multiplies any whole number with its unit', () => {
    const names = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]))
    fc.assert(
      fc.property(fc.nat(1_000_000), names, (count, unit) => {
        expect(toMilliseconds(`${count}${unit}`)).toBe(count * units[unit])
      }),
    )
  })

  it('gives a whole number of at least zero, or nothing, for anything', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const ms = toMilliseconds(value)
        expect(ms === undefined || (Number.isInteger(ms) && ms >= 0)).toBe(true)
      }),
    )
  })
})
