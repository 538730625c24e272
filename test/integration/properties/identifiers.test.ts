import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { EngineStore } from '../../../src/doors/express/index.js'
import { aSession, aSid, contentOf } from '../../../src/testing/store-contract/store-check.js'
import { openShore, type Shore } from '../doors/express/stores.js'
import { answerOf, type Answer } from './answer.js'
import { checkProperty } from './check-property.js'
import { impossibleIds, similarTo, unknownIds } from './cookie-ids.js'
import { anyText } from './session-contents.js'

let shore: Shore

beforeAll(async () => {
  shore = await openShore()
})

afterAll(() => shore.end())

describe.each([
  { kind: 'redis', hashSessionIds: true },
  { kind: 'redis', hashSessionIds: false },
  { kind: 'prisma', hashSessionIds: true },
  { kind: 'prisma', hashSessionIds: false },
] as const)('an id ($kind, hashed: $hashSessionIds)', ({ kind, hashSessionIds }) => {
  let store: EngineStore
  let victim: string

  beforeAll(async () => {
    store = shore.open(kind, { hashSessionIds, context: `${kind}-${hashSessionIds}` })
    victim = aSid()
    await store.set(victim, aSession({ owner: 'victim' }) as never)
  })

  it('names no session where it can be none, and is refused where one is written', () =>
    checkProperty(impossibleIds(), { runs: 15 }, async (id) => {
      const { got, set, touched, destroyed } = await callAll(id as string)

      expect(got).toEqual({ failed: undefined, result: null })
      expect([set.failed, touched.failed]).toEqual(Array(2).fill('ERR_INVALID_SESSION_ID'))
      expect(destroyed.failed).toBeUndefined()
      await expectUntouched()
    }))

  it('names its own session only, however it is written', () =>
    checkProperty(unknownIds(), { runs: 10 }, async (id) => {
      const { set, got, touched, destroyed } = await callAll(id)

      expect(isFineOrRefused(set)).toBe(true)
      expect(isFineOrRefused(touched)).toBe(true)
      if (got.result !== null) expect(got.result).toMatchObject({ owner: 'mallory' })
      expect([got.failed, destroyed.failed]).toEqual([undefined, undefined])
      expect(await store.get(id)).toBeNull()
      await expectUntouched()
    }))

  it('names another session than one that looks like it', () =>
    checkProperty(anyText(), { runs: 2 }, async (text) => {
      const kept = await setEach(similarTo(`${text}${aSid()}${text}`))
      for (const id of kept) expect(await contentOf(store, id)).toEqual({ owner: id })

      const [ended, ...others] = kept
      if (ended !== undefined) await store.destroy(ended)

      for (const id of others) expect(await contentOf(store, id)).toEqual({ owner: id })
      if (ended !== undefined) expect(await store.get(ended)).toBeNull()
    }))

  it('is no session’s where it is a list, whose members are ended', () =>
    checkProperty(fc.array(impossibleIds(), { maxLength: 3 }), { runs: 8 }, async (ids) => {
      const { got, set, touched, destroyed } = await callAll(ids as unknown as string)

      expect(got).toEqual({ failed: undefined, result: null })
      expect([set.failed, touched.failed]).toEqual(Array(2).fill('ERR_INVALID_SESSION_ID'))
      expect(destroyed.failed).toBeUndefined()
      await expectUntouched()
    }))

  it('that a list is said to have shown takes nobody with it, whatever it is', () =>
    checkProperty(fc.oneof(anyText(), fc.constant('\0')), { runs: 10 }, async (text) => {
      const [theirs] = await setEach([aSid()])
      const { engine } = store
      const [revoked, listed, read] = await Promise.all([
        store.revoke(text, text),
        engine.readListed(text),
        contentOf(store, victim),
      ])
      expect([revoked, listed, read]).toEqual([false, undefined, { owner: 'victim' }])

      const [ended] = await Promise.all([
        engine.remove(engine.idOf(theirs)!, text),
        store.destroy(aSid()),
      ])
      expect([ended, await store.get(theirs!)]).toEqual([true, null])
    }))

  /** Writes each in turn, each with its own id in it, and gives those that were not refused. */
  async function setEach(ids: readonly string[]): Promise<string[]> {
    const kept: string[] = []
    for (const id of ids) {
      const { failed } = await answerOf((done) =>
        store.set(id, aSession({ owner: id }) as never, done),
      )
      if (failed === undefined) kept.push(id)
      else expect([failed, await store.get(id)]).toEqual(['ERR_INVALID_SESSION_ID', null])
    }
    return kept
  }

  async function callAll(id: string) {
    const session = aSession({ owner: 'mallory' }) as never
    return {
      set: await answerOf((done) => store.set(id, session, done)),
      got: await answerOf((done) => store.get(id, done)),
      touched: await answerOf((done) => store.touch(id, session, done)),
      destroyed: await answerOf((done) => store.destroy(id, done)),
    }
  }

  async function expectUntouched(): Promise<void> {
    expect(await contentOf(store, victim)).toEqual({ owner: 'victim' })
  }
})

/** A plain id may have no form that Postgres can hold, or index. */
function isFineOrRefused({ failed }: Answer): boolean {
  return [undefined, 'ERR_INVALID_SESSION_ID', 'ERR_INVALID_RECORD'].includes(failed as string)
}
