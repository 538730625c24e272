import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, jest } from '@jest/globals'
import { settle } from '../../../../src/doors/express/settle.js'

describe('what is settled', () => {
  it('goes to the callback, with null for an error', async () => {
    const callback = jest.fn()

    expect(settle(Promise.resolve(7), callback)).toBeUndefined()
    expect(callback).not.toHaveBeenCalled()
    await turn()

    expect(callback.mock.calls).toEqual([[null, 7]])
  })

  it('goes to the callback as an error alone', async () => {
    const callback = jest.fn()
    const error = new Error('no')

    void settle(Promise.reject(error), callback)
    await turn()

    expect(callback.mock.calls).toEqual([[error]])
  })

  it('is the promise itself where there is no callback', async () => {
    const [good, bad] = [Promise.resolve(7), Promise.reject(new Error('no'))]

    expect(settle(good, undefined)).toBe(good)
    expect(settle(bad, undefined)).toBe(bad)

    await expect(bad).rejects.toThrow('no')
  })

  it('is the promise too where what was given can not be called', () => {
    const work = Promise.resolve()

    expect(settle(work, {} as never)).toBe(work)
  })
})
