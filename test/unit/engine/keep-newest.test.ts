import { describe, expect, it } from '@jest/globals'
import { keepNewest } from '../../../src/engine/keep-newest.js'

describe('a map that keeps the newest', () => {
  it('gives up the oldest where there are too many', () => {
    const map = new Map<string, number>()
    for (const [at, key] of ['a', 'b', 'c'].entries()) keepNewest(map, [key, at], 2)

    expect([...map.keys()]).toEqual(['b', 'c'])
  })

  it('takes what is held again for the newest', () => {
    const map = new Map([
      ['a', 1],
      ['b', 2],
    ])
    keepNewest(map, ['a', 3], 2)
    keepNewest(map, ['c', 4], 2)

    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ])
  })
})
