import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/core/clock.js'
import { withDeadline } from '../../../src/engine/deadline.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'

const never = new Promise<string>(() => undefined)

describe('withDeadline', () => {
  it('resolves as the work does, and leaves no timer', async () => {
    const clock = new ManualClock()
    expect(await withDeadline(Promise.resolve('done'), 50, clock)).toBe('done')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('rejects as the work does, and leaves no timer', async () => {
    const clock = new ManualClock()
    await expect(withDeadline(Promise.reject(new Error('mine')), 50, clock)).rejects.toThrow('mine')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('takes an answer that lay there while this process was busy', async () => {
    const socket = new PassThrough()
    const answer = once(socket, 'data')
    const work = withDeadline(answer, 20, systemClock)
    setImmediate(() => {
      const start = performance.now()
      setImmediate(() => socket.write('here'))
      while (performance.now() - start < 40);
    })

    expect(String(await work)).toBe('here')
  })

  it('rejects when the time is over', async () => {
    const clock = new ManualClock()
    const late = expect(withDeadline(never, 50, clock)).rejects.toMatchObject({
      code: 'ERR_DEADLINE',
      timeout: 50,
    })
    await clock.advance(49)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    await late
  })

  it('takes no notice of work that fails after the deadline', async () => {
    const clock = new ManualClock()
    let fail = (): void => undefined
    const work = new Promise<string>((_, reject) => (fail = () => reject(new Error('mine'))))
    const late = expect(withDeadline(work, 50, clock)).rejects.toThrow('No answer within 50 ms')
    await clock.advance(50)
    await late
    fail()
    await clock.advance(0)
  })
})
