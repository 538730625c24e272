import { describe, expect, it } from '@jest/globals'
import { isPackable, pack, unpackRows } from '../../../../src/ledgers/postgres/packed.js'

describe('a packed list', () => {
  it('is one text, whatever its values hold but the separator', () => {
    expect(pack(['a', '', '{"b":",\u001f"}', 3])).toBe('a\u001e\u001e{"b":",\u001f"}\u001e3')
    expect(isPackable('{"b":",\u001f"}')).toBe(true)
    expect(isPackable('a\u001eb')).toBe(false)
  })
})

describe('packed rows', () => {
  it('are their columns, of which the last may hold what is between the others', () => {
    expect(unpackRows('a\u001f1\u001fx\u001fy\u001eb\u001f\u001f', 3)).toEqual([
      ['a', '1', 'x\u001fy'],
      ['b', '', ''],
    ])
  })

  it('are none where there is no text', () => {
    expect(unpackRows(null, 3)).toEqual([])
    expect(unpackRows(undefined, 3)).toEqual([])
  })
})
