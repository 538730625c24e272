import { describe, expect, it } from '@jest/globals'
import { Metrics } from '../../../src/engine/metrics.js'

describe('metrics', () => {
  it('begin at zero', () => {
    expect(new Set(Object.values(new Metrics().snapshot()))).toEqual(new Set([0]))
  })

  it('count by one, or by what is given', () => {
    const metrics = new Metrics()
    metrics.count('writes')
    metrics.count('touches', 5)
    expect(metrics.snapshot()).toMatchObject({ writes: 1, touches: 5, conflicts: 0 })
  })

  it('give snapshots that stay as they are', () => {
    const metrics = new Metrics()
    const before = metrics.snapshot()
    metrics.count('writes')
    expect(before.writes).toBe(0)
  })
})
