import { beforeEach, describe, expect, it } from '@jest/globals'
import { Ramp } from '../../../src/engine/ramp.js'

let ramp: Ramp

beforeEach(() => {
  ramp = new Ramp()
})

/** Begins as many calls as may, up to 5000. */
function enterAll(): number {
  let entered = 0
  while (entered < 5_000 && ramp.enter()) entered += 1
  return entered
}

function leaveAll(count: number, isSuccess = true): void {
  for (let call = 0; call < count; call++) ramp.leave(isSuccess)
}

/** How many pass at a time, round after round. */
function rounds(count: number): number[] {
  return Array.from({ length: count }, () => {
    const entered = enterAll()
    leaveAll(entered)
    return entered
  })
}

describe('a ramp', () => {
  it('lets all through before there was an outage', () => {
    expect(rounds(2)).toEqual([5_000, 5_000])
  })

  it('doubles what passes with each round that went well, up to all', () => {
    ramp.restart()

    const expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 5_000]
    expect(rounds(12)).toEqual(expected)
  })

  it('does not grow by calls that failed', () => {
    ramp.restart()
    leaveAll(enterAll(), false)

    expect(enterAll()).toBe(1)
  })

  it('begins anew with each outage, whatever is still under way', () => {
    ramp.restart()
    rounds(3)
    const before = enterAll()
    ramp.restart()

    expect([before, enterAll()]).toEqual([8, 0])
    leaveAll(before, false)
    expect(enterAll()).toBe(1)
  })
})
