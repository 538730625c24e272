import { describe, expect, it } from '@jest/globals'
import { Gathered } from '../../../../src/drivers/redis/gathered.js'

/** Answers each text with itself in capitals, an Error for `bad`; and notes what was asked at once. */
function openGathered(most = 32) {
  const asked: (readonly string[])[] = []
  const gathered = new Gathered<string, unknown>({
    most,
    lengthOf: ({ length }) => length,
    ask: async (items) => {
      asked.push(items)
      return items.map((item) => (item === 'bad' ? new Error('bad') : item.toUpperCase()))
    },
  })
  return { gathered, asked }
}

describe('Gathered', () => {
  it('fails the item alone whose result is an Error', async () => {
    const { gathered, asked } = openGathered()
    const outcomes = await Promise.allSettled(
      ['a', 'bad', 'b'].map((each) => gathered.submit(each)),
    )

    expect(asked).toEqual([['a', 'bad', 'b']])
    expect(outcomes).toMatchObject([{ value: 'A' }, { reason: { message: 'bad' } }, { value: 'B' }])
  })

  it('begins another command where one is full, and leaves what is long to itself', async () => {
    const { gathered, asked } = openGathered(3)
    const long = 'x'.repeat(70_000)
    await Promise.all(['a', 'b', 'c', 'd', long, 'e', long].map((each) => gathered.submit(each)))

    const lengths = asked.map((items) => items.map(({ length }) => length))
    expect(lengths).toEqual([[1, 1, 1], [1], [70_000], [1], [70_000]])
  })

  it.each(['CROSSSLOT Keys in request don’t hash to the same slot', 'NOPERM No permissions'])(
    'asks for each alone from when several are refused: %s',
    async (message) => {
      const asked: (readonly string[])[] = []
      const gathered = new Gathered<string, string>({
        most: 32,
        ask: async (items) => {
          asked.push(items)
          if (items.length > 1 || items[0] === 'c') throw new Error(message)
          return items
        },
      })
      const submitAll = (items: readonly string[]) =>
        Promise.allSettled(items.map((each) => gathered.submit(each)))

      expect(await submitAll(['a', 'b'])).toMatchObject([{ value: 'a' }, { value: 'b' }])
      expect(await submitAll(['a', 'c'])).toMatchObject([{ value: 'a' }, { reason: { message } }])
      expect(asked).toEqual([['a', 'b'], ['a'], ['b'], ['a'], ['c']])
    },
  )

  it('gathers anew in the next turn', async () => {
    const { gathered, asked } = openGathered()
    await gathered.submit('a')
    await gathered.submit('b')

    expect(asked).toEqual([['a'], ['b']])
  })
})
