import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { newWriteId } from '../../../src/core/write-id.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How many bytes each of them keeps. */
function bytesOfEach(make: () => string): number {
  const count = 20_000
  const kept = Array.from({ length: count }, () => '')
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < count; at++) kept[at] = make()
  collectGarbage()
  return (process.memoryUsage().heapUsed - before) / kept.length
}

describe('the identity of a write', () => {
  it('is a UUID, and another one each time', () => {
    const ids = Array.from({ length: 1_000 }, newWriteId)

    for (const id of ids) {
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    }
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('takes as much memory as a text of its length', () => {
    expect(bytesOfEach(newWriteId)).toBeLessThan(100)
  })
})
