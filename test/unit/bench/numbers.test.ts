import { describe, expect, it } from '@jest/globals'
import { toBound, toMeasured, toText } from '../../../bench/report/numbers.js'

const goal = { text: 'throughput', unit: '×' }

describe('toText', () => {
  it.each([
    [0, '0'],
    [137, '137'],
    [1.35, '1.35'],
    [1.3549, '1.35'],
    [0.045678, '0.0457'],
    [9999, '10,000'],
    [12_345.6, '12,300'],
    [1_234_567, '1,230,000'],
  ])('writes %d as %s', (value, text) => {
    expect(toText(value)).toBe(text)
  })
})

describe('toMeasured', () => {
  it('has the unit', () => {
    expect(toMeasured({ ...goal, value: 1.51678, atLeast: 1.3 })).toBe('1.52 ×')
  })

  it.each([
    [{ value: 1.2996, atLeast: 1.3 }, '1.2996 ×'],
    [{ value: 1.3004, atMost: 1.3 }, '1.3004 ×'],
    [{ value: 1.2996, atMost: 1.3 }, '1.3 ×'],
    [{ value: 0.3 - 1e-16, atLeast: 0.3 }, '0.2999999999999999 ×'],
  ])('does not round %j over its bound', (measured, text) => {
    expect(toMeasured({ ...goal, ...measured })).toBe(text)
  })
})

describe('toBound', () => {
  it.each([
    [{ atLeast: 1.3 }, '≥ 1.3 ×'],
    [{ atMost: 1 / 12 }, '≤ 0.0833 ×'],
    [{ atLeast: 12_345 }, '≥ 12,345 ×'],
    [{ atLeast: 1, atMost: 2 }, '≥ 1 × and ≤ 2 ×'],
    [{}, ''],
  ])('says what %j asks for', (bound, text) => {
    expect(toBound({ ...goal, ...bound, value: 1 })).toBe(text)
  })
})
