import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, jest } from '@jest/globals'
import { settle, settleTogether } from '../../../../src/doors/express/settle.js'

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

describe('what is settled together', () => {
  it('goes to all callbacks of a turn before what any of them puts off is done', async () => {
    const seen: string[] = []
    const ask = (name: string): void => {
      void settleTogether(name, () => {
        seen.push(name)
        process.nextTick(() => seen.push(`after ${name}`))
      })
    }
    ask('one')
    await Promise.resolve()
    ask('two')
    expect(seen).toEqual([])
    await turn()

    expect(seen).toEqual(['one', 'two', 'after one', 'after two'])
  })

  it('goes to each callback in the asynchronous context that it was asked in', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    for (const name of ['one', 'two']) {
      request.run(name, () => {
        void settleTogether(name, () => seen.push(request.getStore()))
      })
    }
    await turn()

    expect(seen).toEqual(['one', 'two'])
  })

  it('is told anew at the end of each turn', async () => {
    const callback = jest.fn()
    void settleTogether(1, callback)
    await turn()
    void settleTogether(2, callback)
    await new Promise((resolve) => process.nextTick(resolve))
    expect(callback.mock.calls).toEqual([[null, 1]])
    await turn()

    expect(callback.mock.calls).toEqual([
      [null, 1],
      [null, 2],
    ])
  })

  it('goes on where a clock was put away that it waited for', async () => {
    const [lost, told] = [jest.fn(), jest.fn()]
    jest.useFakeTimers({ doNotFake: ['nextTick'] })
    void settleTogether(1, lost)
    jest.useRealTimers()
    void settleTogether(2, told)
    await turn()

    expect(told.mock.calls).toEqual([[null, 2]])
  })

  it('is a promise at once where there is no callback', async () => {
    let answer: number | undefined
    void settleTogether(7, undefined)?.then((value) => (answer = value))
    await Promise.resolve()

    expect(answer).toBe(7)
  })
})
