import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { carriedBy } from '../../../src/doors/express/carry.js'
import type { EngineStore } from '../../../src/doors/express/index.js'
import {
  aSession,
  aSid,
  change,
  contentOf,
  twoVisits,
  visit,
} from '../../../src/testing/store-contract/store-check.js'
import { openShore, type Shore } from '../doors/express/stores.js'
import { codeOf } from './answer.js'
import { checkProperty } from './check-property.js'
import { anyContent, anyValue, nested, prototypesNow } from './session-contents.js'

let shore: Shore

beforeAll(async () => {
  shore = await openShore()
})

afterAll(() => shore.end())

describe.each(['redis', 'prisma'] as const)('what a session holds (%s)', (kind) => {
  let one: EngineStore
  let other: EngineStore

  beforeAll(() => {
    one = shore.open(kind)
    other = shore.open(kind)
  })

  it('is what JSON makes of it, in each tier and to each process', () =>
    checkProperty(anyContent(), { runs: 25 }, async (content) => {
      const prototypes = prototypesNow()
      const sid = aSid()
      await one.set(sid, aSession(content) as never)

      await expectHeld(other, sid, { content, tier: kind === 'redis' ? 'redis' : 'postgres' })
      await loseCache(sid)
      await expectHeld(other, sid, { content, tier: 'postgres' })
      await expectHeld(one, sid, { content })
      expect(prototypesNow()).toBe(prototypes)
    }))

  it('outlives a request that changes something else', () =>
    checkProperty(anyContent(), { runs: 20 }, async (content) => {
      const sid = aSid()
      await one.set(sid, aSession(content) as never)

      await change(await visit(other, sid), { '(seen)': 1 })

      await expectHeld(one, sid, { content: { ...content, '(seen)': 1 } })
    }))

  it('outlives two requests that change something else at once', () =>
    checkProperty(fc.tuple(anyContent(), anyValue), { runs: 20 }, async ([content, value]) => {
      const sid = aSid()
      await one.set(sid, aSession(content) as never)
      const [mine, theirs] = await twoVisits(one, sid)

      await Promise.all([change(mine, { '(mine)': value }), change(theirs, { '(theirs)': value })])

      const held = await contentOf(other, sid)
      expectSame(held, { ...content, '(mine)': value, '(theirs)': value })
    }))

  it('stays where a change has no form in JSON', () =>
    checkProperty(
      fc.tuple(anyContent(), unserializable()),
      { runs: 20 },
      async ([content, bad]) => {
        const sid = aSid()
        await one.set(sid, aSession(content) as never)

        const code = await codeOf(one.set(sid, aSession({ ...content, bad }) as never))

        expect(code).toBe('ERR_SERIALIZATION')
        await expectHeld(other, sid, { content })
      },
    ))

  it('may be nested deeply, or is refused by a typed error', () =>
    checkProperty(depths(), { runs: 4 }, async ([levels, listEvery]) => {
      const sid = aSid()
      const content = { deep: nested(levels, listEvery) }
      const refused = await codeOf(one.set(sid, aSession(content) as never))
      if (refused !== undefined) {
        expect(refused).toBe('ERR_SERIALIZATION')
        expect(levels).toBeGreaterThan(1_000)
        return
      }
      await expectHeld(other, sid, { content })
      await expectMerge(sid, content)
      expect(await codeOf(one.destroy(sid))).toBeUndefined()
    }))

  it('may be a megabyte', () =>
    checkProperty(megabytes(), { runs: 1 }, async (text) => {
      const sid = aSid()
      await one.set(sid, aSession({ text }) as never)

      await expectHeld(other, sid, { content: { text } })
      await loseCache(sid)
      await expectHeld(other, sid, { content: { text } })
    }))

  /** Two requests at once: both changes are there, or the second is told that they could not be merged. */
  async function expectMerge(sid: string, content: object): Promise<void> {
    const [mine, theirs] = await twoVisits(one, sid)
    await change(mine, { '(mine)': 1 })
    const failed = await codeOf(change(theirs, { '(theirs)': 2 }))
    expect(failed === undefined || failed === 'ERR_SERIALIZATION').toBe(true)
    const later = failed === undefined ? { '(theirs)': 2 } : {}
    await expectHeld(other, sid, { content: { ...content, '(mine)': 1, ...later } })
  }

  async function loseCache(sid: string): Promise<void> {
    await shore.redis.del(`${shore.prefix}web:${one.engine.idOf(sid) ?? ''}`)
  }
})

async function expectHeld(
  store: EngineStore,
  sid: string,
  { content, tier }: { content: object; tier?: string },
): Promise<void> {
  const session = (await store.get(sid)) as Record<string, unknown> | null
  if (!session) throw new Error('The session is missing')
  expect(Object.getPrototypeOf(session)).toBe(Object.prototype)
  if (tier !== undefined) expect(carriedBy(session)?.tier).toBe(tier)
  const { cookie, ...others } = session
  expect(cookie).toMatchObject({ path: '/' })
  expectSame(others, content)
}

/** As text: what compares deep objects is recursive, and JSON's form is what is promised. */
function expectSame(held: object, content: object): void {
  const [one, other] = [sortedJson(held), sortedJson(content)]
  if (one !== other) throw new Error(`${one.slice(0, 1_000)} is not ${other.slice(0, 1_000)}`)
}

/** A request may put the keys into another order. */
function sortedJson(content: object): string {
  const parsed = JSON.parse(JSON.stringify(content)) as Record<string, unknown>
  return JSON.stringify(Object.entries(parsed).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function unserializable(): fc.Arbitrary<unknown> {
  const circular: unknown[] = []
  circular.push({ circular })
  const throwing = {
    toJSON() {
      throw new Error('no form')
    },
  }
  const bad = fc.oneof(fc.bigInt(), fc.constant(circular), fc.constant(throwing))
  return fc.tuple(bad, fc.nat(20), fc.integer({ min: 1, max: 3 })).map(([value, levels, every]) => {
    return { around: [value], beside: nested(levels, every) }
  })
}

function depths(): fc.Arbitrary<readonly [number, number]> {
  const levels = fc.oneof(
    fc.integer({ min: 1_000, max: 1_500 }),
    fc.integer({ min: 1_000, max: 30_000 }),
  )
  return fc.tuple(levels, fc.integer({ min: 1, max: 3 }))
}

function megabytes(): fc.Arbitrary<string> {
  const size = fc.integer({ min: 1_000_000, max: 1_100_000 })
  const unit = fc.constantFrom('a', 'é', '汉', '🌊', '\0', '\ud800', '"', '\\')
  return fc.tuple(size, unit).map(([length, each]) => {
    return each.repeat(length / Buffer.byteLength(JSON.stringify(each).slice(1, -1)))
  })
}
