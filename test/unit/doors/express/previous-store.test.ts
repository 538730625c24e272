import { describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { PreviousStore } from '../../../../src/doors/express/previous-store.js'

type Answer = (callback: (...args: unknown[]) => void) => void

/** A store that answers everything like this. */
function answering(answer: Answer): PreviousStore {
  const store = new session.MemoryStore()
  store.get = (_sid, callback) => answer(callback as never)
  store.destroy = (_sid, callback) => answer(callback as never)
  return new PreviousStore(store)
}

describe('the store from before', () => {
  it('gives its session', async () => {
    const found = { cookie: {}, name: 'Ada' }
    expect(await answering((done) => done(null, found)).load('a')).toBe(found)
  })

  it.each([
    { said: [] },
    { said: [null] },
    { said: [null, null] },
    { said: [undefined, undefined] },
    { said: [Object.assign(new Error('none'), { code: 'ENOENT' })] },
  ])('has no session where it says $said', async ({ said }) => {
    expect(await answering((done) => done(...said)).load('a')).toBeNull()
  })

  it('fails as it does itself', async () => {
    const error = new Error('down')
    const store = answering((done) => done(error))

    await expect(store.load('a')).rejects.toBe(error)
    await expect(store.end('a')).rejects.toBe(error)
  })

  it('fails with an error where it says something else', async () => {
    const store = answering((done) => done('down'))

    await expect(store.load('a')).rejects.toMatchObject({ cause: 'down' })
    await expect(store.end('a')).rejects.toThrow('The store before failed')
  })

  it('fails where it throws', async () => {
    const store = answering(() => {
      throw new TypeError('broken')
    })

    await expect(store.load('a')).rejects.toThrow('broken')
    await expect(store.end('a')).rejects.toThrow('broken')
  })

  it('ends its session', async () => {
    await expect(answering((done) => done()).end('a')).resolves.toBeUndefined()
  })
})
