import { describe, expect, it } from '@jest/globals'
import { ownTimes, toFrames } from '../../../../bench/profile/cpu-profile.js'
import { aProfile } from './a-profile.js'

describe('the frames of a profile', () => {
  it('are the functions of Holdfast, each by itself, and all others by their package', () => {
    const { callees } = toFrames(aProfile())
    const [node, collector] = callees

    expect(node).toMatchObject({ name: 'node', owner: 'node', micros: 900 })
    expect(node?.callees).toMatchObject([
      { name: 'express', owner: 'express', micros: 900, callees: [{ name: 'get', micros: 700 }] },
    ])
    expect(collector).toMatchObject({ name: '(garbage collector)', owner: 'engine', micros: 100 })
  })

  it('hold neither what was idle nor the root', () => {
    const root = toFrames(aProfile())

    expect(root.micros).toBe(1000)
    expect(JSON.stringify(root)).not.toMatch(/idle|\(root\)/)
  })

  it('are told apart from each other in Holdfast, and put together in a package', () => {
    const [node] = toFrames(aProfile()).callees
    const [get] = node!.callees[0]!.callees

    expect(get!.callees.map(({ name }) => name)).toEqual(['recall', '@prisma/client', 'pg'])
    expect(get!.callees[0]!.callees).toEqual([])
  })
})

describe('what each owner did itself', () => {
  it('adds up to all, the longest first', () => {
    const times = ownTimes(toFrames(aProfile()))

    expect([...times]).toEqual([
      ['holdfast', 400],
      ['express', 200],
      ['@prisma/client', 200],
      ['pg', 100],
      ['engine', 100],
      ['node', 0],
    ])
  })
})
