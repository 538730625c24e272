import { describe, expect, it } from '@jest/globals'
import { merge, type SessionContent } from '../../../src/core/merge.js'

/** So deep that to compare it level by level exhausts the stack, and to write it as JSON does not. */
const DEEP = 3_000

describe('the merge of a session that is nested deeply', () => {
  it.each(['object', 'list'] as const)(
    'takes a nested %s that nobody changed as it is',
    (shape) => {
      const deep = () => nested(DEEP, shape, 'leaf')
      const base = { deep: deep() }

      const merged = merge({
        base,
        mine: { deep: deep(), mine: 1 },
        theirs: { deep: deep(), theirs: 2 },
      })

      expect(merged).toMatchObject({
        conflicts: [],
        dropped: false,
        content: { mine: 1, theirs: 2 },
      })
      expect(JSON.stringify(merged.content['deep'])).toBe(JSON.stringify(base.deep))
    },
  )

  it.each(['object', 'list'] as const)(
    'takes the change of the only one who made one, in a nested %s',
    (shape) => {
      const of = (leaf: string): SessionContent => ({ deep: nested(DEEP, shape, leaf) })

      const merged = merge({ base: of('before'), mine: of('before'), theirs: of('after') })

      expect(merged.conflicts).toEqual([])
      expect(JSON.stringify(merged.content)).toBe(JSON.stringify(of('after')))
    },
  )

  it('takes mine where both changed what lies too deep to be merged, and reports it', () => {
    const of = (leaf: string): SessionContent => ({ deep: nested(DEEP, 'object', leaf) })

    const merged = merge({ base: of('before'), mine: of('mine'), theirs: of('theirs') })

    expect(merged.conflicts).toEqual(['deep'])
    expect(JSON.stringify(merged.content)).toBe(JSON.stringify(of('mine')))
  })

  it('still merges what lies a few levels down', () => {
    const of = (...names: string[]): SessionContent => ({
      deep: nested(50, 'object', Object.fromEntries(names.map((name) => [name, 1]))),
    })

    const merged = merge({ base: of('base'), mine: of('base', 'mine'), theirs: of('theirs') })

    expect(merged).toEqual({ content: of('mine', 'theirs'), conflicts: [], dropped: false })
  })
})

function nested(levels: number, shape: 'object' | 'list', leaf: unknown): unknown {
  let value = leaf
  for (let level = 0; level < levels; level++) {
    value = shape === 'list' ? [value] : { inner: value }
  }
  return value
}
