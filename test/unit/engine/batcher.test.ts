import { describe, expect, it } from '@jest/globals'
import { Batcher, type BatcherOptions } from '../../../src/engine/batcher.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { settled } from '../../support/engine.js'

interface Opened {
  readonly batcher: Batcher<number, number>
  readonly batches: (readonly number[])[]
  /** Ends the batch that began first of those under way. */
  end(error?: Error): Promise<void>
}

/** A batcher that doubles numbers, when it is told. */
function openBatcher(options: Partial<BatcherOptions<number, number>> = {}): Opened {
  const batches: (readonly number[])[] = []
  const ends: ((error?: Error) => void)[] = []
  const batcher = new Batcher<number, number>({
    execute: (items) => {
      batches.push(items)
      return new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve(items.map((item) => 2 * item))))
      })
    },
    overflow: () => new Error('full'),
    ...{ lanes: 1, most: 10, queue: 100, ...options },
  })
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error)
    await settled()
  }
  return { batcher, batches, end }
}

describe('a batcher', () => {
  it('starts a lone item when its tick ends, with what came in that tick', async () => {
    const { batcher, batches } = openBatcher()
    void batcher.submit(1)
    await Promise.resolve()
    void batcher.submit(2)
    expect(batches).toEqual([])
    await new Promise((resolve) => process.nextTick(resolve))
    expect(batches).toEqual([[1, 2]])
  })

  it('gathers for a turn of the event loop while another batch is under way', async () => {
    const { batcher, batches } = openBatcher({ lanes: 2 })
    void batcher.submit(1)
    await settled()
    for (const item of [2, 3]) {
      void batcher.submit(item)
      await new Promise((resolve) => process.nextTick(resolve))
    }
    expect(batches).toEqual([[1]])
    await settled()
    expect(batches).toEqual([[1], [2, 3]])
  })

  it('divides many among the lanes that are free, and few not', async () => {
    const { batcher, batches } = openBatcher({ lanes: 2, most: 128 })
    for (let item = 0; item < 90; item++) void batcher.submit(item)
    await settled()
    expect(batches.map(({ length }) => length)).toEqual([45, 45])

    const few = openBatcher({ lanes: 2, most: 128 })
    for (let item = 0; item < 40; item++) void few.batcher.submit(item)
    await settled()
    expect(few.batches.map(({ length }) => length)).toEqual([32, 8])
  })

  it('gathers the items of one tick', async () => {
    const { batcher, batches, end } = openBatcher()
    const results = Promise.all([1, 2, 3].map((item) => batcher.submit(item)))
    await settled()
    await end()
    expect(await results).toEqual([2, 4, 6])
    expect(batches).toEqual([[1, 2, 3]])
  })

  it('gathers the next batch while all lanes are busy', async () => {
    const { batcher, batches, end } = openBatcher({ lanes: 2 })
    for (const item of [1, 2, 3, 4]) {
      void batcher.submit(item)
      await settled()
    }
    expect(batches).toEqual([[1], [2]])
    expect(batcher.size).toBe(2)
    await end()
    expect(batches).toEqual([[1], [2], [3, 4]])
  })

  it('puts no more in a batch than it may hold', async () => {
    const { batcher, batches, end } = openBatcher({ most: 2 })
    const results = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)))
    await settled()
    expect(batches).toEqual([[1, 2]])
    for (let i = 0; i < 3; i++) await end()
    expect(batches).toEqual([[1, 2], [3, 4], [5]])
    expect(await results).toEqual([2, 4, 6, 8, 10])
  })

  it('fills all lanes where one batch can not hold what came', async () => {
    const { batcher, batches } = openBatcher({ lanes: 3, most: 1 })
    for (const item of [1, 2, 3, 4]) void batcher.submit(item)
    await settled()
    expect(batches).toEqual([[1], [2], [3]])
  })

  it('rejects all items of a batch that fails, and goes on', async () => {
    const { batcher, batches, end } = openBatcher()
    const failing = Promise.allSettled([batcher.submit(1), batcher.submit(2)])
    await settled()
    const next = batcher.submit(3)
    await end(new Error('mine'))
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await end()
    expect(await next).toBe(6)
    expect(batches).toHaveLength(2)
  })

  it('rejects items where the work throws at once', async () => {
    const batcher = new Batcher<number, number>({
      execute: () => {
        throw new Error('mine')
      },
      overflow: () => new Error('full'),
      ...{ lanes: 1, most: 1, queue: 1 },
    })
    await expect(batcher.submit(1)).rejects.toThrow('mine')
  })

  it('refuses an item that finds the queue full', async () => {
    const { batcher, end } = openBatcher({ queue: 2 })
    void batcher.submit(1)
    await settled()
    void batcher.submit(2)
    void batcher.submit(3)
    await expect(batcher.submit(4)).rejects.toThrow('full')
    await end()
    expect(batcher.size).toBe(0)
  })
})

describe('a batcher with a patience', () => {
  const clock = new ManualClock()
  const patience = { timeout: 200, clock, late: () => new Error('late') }

  it('rejects what has waited for too long, while every lane is busy', async () => {
    const { batcher, batches } = openBatcher({ most: 2, patience })
    const ends = watch([1, 2, 3, 4, 5].map((item) => batcher.submit(item)))
    await clock.advance(199)
    expect(ends).toEqual([])
    await clock.advance(1)

    expect(ends).toEqual(['late', 'late', 'late'])
    expect([batches, batcher.size, clock.pending]).toEqual([[[1, 2]], 0, 0])
  })

  it('counts from when each item came', async () => {
    const { batcher } = openBatcher({ most: 1, patience })
    const ends = watch([1, 2].map((item) => batcher.submit(item)))
    await clock.advance(100)
    ends.push(...watch([batcher.submit(3)]))
    await clock.advance(100)
    expect([ends, batcher.size]).toEqual([['late'], 1])
    await clock.advance(100)

    expect([batcher.size, clock.pending]).toEqual([0, 0])
  })

  it('begins nothing that has waited for too long when a lane is free again', async () => {
    const { batcher, batches, end } = openBatcher({ patience: { ...patience, clock: new Slow() } })
    const ends = watch([batcher.submit(1)])
    await settled()
    ends.push(...watch([batcher.submit(2)]))
    Slow.time += 200
    await end()

    expect(batches).toEqual([[1]])
    expect(batcher.size).toBe(0)
  })

  it('has one timer for all that wait, and none once nothing waits', async () => {
    const { batcher, end } = openBatcher({ patience })
    const results = [batcher.submit(1)]
    await settled()
    expect(clock.pending).toBe(0)
    results.push(batcher.submit(2), batcher.submit(3))
    expect(clock.pending).toBe(1)
    await end()
    expect(clock.pending).toBe(0)
    await end()

    expect(await Promise.all(results)).toEqual([2, 4, 6])
  })
})

/** A clock whose timers are late, as those of a busy process are. */
class Slow extends ManualClock {
  static time = 0

  override monotonic(): number {
    return Slow.time
  }
}

/** How each of these ended so far. */
function watch(results: readonly Promise<number>[]): string[] {
  const ends: string[] = []
  for (const result of results) {
    result.then(
      (value) => ends.push(String(value)),
      (error: unknown) => ends.push((error as Error).message),
    )
  }
  return ends
}
