import { describe, expect, it } from '@jest/globals'
import { GatheredReads } from '../../../../src/drivers/redis/gathered-reads.js'

/** A client that answers with the key, and notes what it was asked. */
function openReads(failWith?: Error) {
  const asked: string[] = []
  const answer = async <T>(command: string, reply: T): Promise<T> => {
    asked.push(command)
    if (failWith) throw failWith
    return reply
  }
  const reads = new GatheredReads({
    get: (key) => answer(`GET ${key}`, key),
    mget: (...keys) =>
      answer(
        `MGET ${keys.length}`,
        keys.map((key) => (key === 'absent' ? null : key)),
      ),
  })
  return { reads, asked }
}

describe('GatheredReads', () => {
  it('asks for a lone key by itself', async () => {
    const { reads, asked } = openReads()
    expect(await reads.get('one')).toBe('one')
    expect(asked).toEqual(['GET one'])
  })

  it('asks for the keys of one turn by one command, and gives each caller its own value', async () => {
    const { reads, asked } = openReads()
    const values = await Promise.all(['one', 'absent', 'two', 'one'].map((key) => reads.get(key)))
    expect(values).toEqual(['one', null, 'two', 'one'])
    expect(asked).toEqual(['MGET 4'])
  })

  it('takes what other callbacks of the same turn ask for', async () => {
    const { reads, asked } = openReads()
    const other = new Promise((resolve) => queueMicrotask(() => resolve(reads.get('two'))))
    expect(await Promise.all([reads.get('one'), other])).toEqual(['one', 'two'])
    expect(asked).toEqual(['MGET 2'])
  })

  it('divides what is more than fits into one command', async () => {
    const { reads, asked } = openReads()
    const keys = Array.from({ length: 65 }, (_, each) => `key ${each}`)
    expect(await Promise.all(keys.map((key) => reads.get(key)))).toEqual(keys)
    expect(asked).toEqual(['MGET 32', 'MGET 32', 'GET key 64'])
  })

  it('rejects each read of a command that failed', async () => {
    const { reads } = openReads(new Error('down'))
    const outcomes = await Promise.allSettled([reads.get('one'), reads.get('two')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
