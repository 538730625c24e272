import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkProperty } from './check-property.js'
import {
  expectText,
  expectUsable,
  find,
  openDamagedScene,
  type DamagedScene,
  type Found,
  type Target,
} from './damaged-scene.js'
import { anyContent, anyText, anyValue, prototypesNow } from './session-contents.js'

const keys = { old: randomBytes(32).toString('hex'), new: randomBytes(32).toString('hex') }
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

let plain: DamagedScene
let sealed: DamagedScene

beforeAll(async () => {
  ;[plain, sealed] = await Promise.all([
    openDamagedScene(),
    openDamagedScene({ keys, current: 'old' }),
  ])
})

afterAll(() => Promise.all([plain.end(), sealed.end()]))

describe('a row in Postgres', () => {
  it('is no session where it is any text', () =>
    checkProperty(storableText(), { runs: 10 }, async (text) => {
      const target = await plain.target()
      await expectAsStored(await damaged(plain, target, text), text)
      await expectUsable(plain.store, target.sid)
    }))

  it('is no session where it is cut short', () =>
    checkProperty(fc.tuple(anyContent(), fc.nat()), { runs: 10 }, async ([content, at]) => {
      const target = await plain.target(content)
      const data = await plain.dataOf(target)
      const cut = data.slice(0, at % data.length)
      expect(await damaged(plain, target, cut)).toEqual({ kind: 'none' })
      await expectUsable(plain.store, target.sid)
    }))

  it('is a session only where it is an object, whatever its cookie is', () => {
    const withCookie = fc.tuple(anyContent(), anyCookie()).map(([content, cookie]) => ({
      ...content,
      cookie,
    }))
    const json = fc.oneof(anyValue, withCookie).map(jsonOf)
    return checkProperty(json, { runs: 20 }, async (text) => {
      const prototypes = prototypesNow()
      const target = await plain.target()
      await expectAsStored(await damaged(plain, target, text), text)
      await expectUsable(plain.store, target.sid)
      expect(prototypesNow()).toBe(prototypes)
    })
  })

  it('is told of once where it is none, and keeps nobody else from theirs', async () => {
    const [target, neighbour] = [await plain.target(), await plain.target()]
    plain.corruptions.length = 0
    await plain.setData(target, '{"owner":')
    await plain.loseCache(target, neighbour)

    const [mine, theirs] = await Promise.all([
      find(plain.store, target.sid),
      plain.store.get(neighbour.sid),
    ])

    expect(mine).toEqual({ kind: 'none' })
    expect(theirs).toMatchObject(neighbour.content)
    expect(plain.corruptions).toEqual(['postgres'])
  })
})

describe('a sealed row in Postgres', () => {
  it('is refused where a character of any part of it is another', () =>
    checkProperty(
      fc.tuple(fc.constantFrom(...PARTS), fc.nat(), fc.constantFrom(...BASE64URL.split(''))),
      { runs: 20 },
      async ([part, at, character]) => {
        const target = await sealed.target()
        const data = await sealed.dataOf(target)
        const [from, to] = part(data)
        const index = from + (at % (to - from))
        const altered = data.slice(0, index) + character + data.slice(index + 1)
        expectRefusedOrSame(await damaged(sealed, target, altered), { target, data, altered })
        await expectUsable(sealed.store, target.sid)
      },
    ))

  it('is refused wherever it is cut, and where it is any text', () =>
    checkProperty(fc.tuple(fc.nat(), storableText()), { runs: 10 }, async ([at, text]) => {
      const target = await sealed.target()
      const data = await sealed.dataOf(target)
      for (const altered of [data.slice(0, at % data.length), text, `${data}${text}`]) {
        expectRefusedOrSame(await damaged(sealed, target, altered), { target, data, altered })
      }
      await expectUsable(sealed.store, target.sid)
    }))

  it('is refused where it is another’s, as a whole or in part', () =>
    checkProperty(fc.nat(), { runs: 8 }, async (at) => {
      const [mine, theirs] = [await sealed.target(), await sealed.target()]
      const [ofMine, ofTheirs] = [await sealed.dataOf(mine), await sealed.dataOf(theirs)]
      const cut = at % ofMine.length
      for (const altered of [ofTheirs, ofMine.slice(0, cut) + ofTheirs.slice(cut)]) {
        const found = await damaged(sealed, mine, altered)
        expectRefusedOrSame(found, { target: mine, data: ofMine, altered })
      }
      await expectUsable(sealed.store, mine.sid)
      expect(await sealed.store.get(theirs.sid)).toMatchObject(theirs.content)
    }))

  it('is refused without encryption', async () => {
    const [target, other] = [await plain.target(), await sealed.target()]
    const found = await damaged(plain, target, await sealed.dataOf(other))
    expect(found).toEqual({ kind: 'error', code: 'ERR_DECRYPTION' })
    await expectUsable(plain.store, target.sid)
  })
})

/** The parts of `hf1.old.<iv><tag><body>`, each from and to which character. */
const PARTS: readonly ((data: string) => readonly [number, number])[] = [
  () => [0, 4],
  () => [4, 8],
  () => [8, 24],
  () => [24, 46],
  ({ length }) => [46, length],
]

async function damaged(scene: DamagedScene, target: Target, data: string): Promise<Found> {
  await scene.setData(target, data)
  await scene.loseCache(target)
  return find(scene.store, target.sid)
}

/** The last character of base64 has bits that mean nothing. */
function expectRefusedOrSame(
  found: Found,
  { target, data, altered }: { target: Target; data: string; altered: string },
): void {
  if (bytesOf(data) === bytesOf(altered) && found.kind === 'session') {
    expect(found.session).toMatchObject(target.content)
    return
  }
  const codes = ['ERR_DECRYPTION', 'ERR_UNKNOWN_KEY']
  expect(found).toEqual({ kind: 'error', code: expect.stringMatching(codes.join('|')) })
}

function bytesOf(data: string): string {
  const [prefix, keyId, body = '', ...more] = data.split('.')
  return [prefix, keyId, Buffer.from(body, 'base64url').toString('hex'), ...more].join('.')
}

/** A text that is an object in JSON is a session, with all that is in it but for its cookie. */
async function expectAsStored(found: Found, text: string): Promise<void> {
  const stored = parsed(text)
  const isObject = typeof stored === 'object' && stored !== null && !Array.isArray(stored)
  if (text.startsWith('hf1.')) expect(found).toMatchObject({ kind: 'error' })
  else if (!isObject) expect(found).toEqual({ kind: 'none' })
  else {
    if (found.kind !== 'session') throw new Error(`It found ${JSON.stringify(found)}`)
    const { cookie: _found, ...content } = found.session
    const { cookie: _stored, ...expected } = stored as { cookie?: unknown }
    expectText(content, expected)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `undefined` has no form in JSON. */
function jsonOf(value: unknown): string {
  return JSON.stringify([value]).slice(1, -1)
}

/** Postgres has no text with NUL, and none that is not well-formed. */
function storableText(): fc.Arbitrary<string> {
  const text = fc.oneof(anyText(), fc.json(), fc.constant('hf1.'), fc.constant('hf1.old.AAAA'))
  return text.map((each) => each.replaceAll('\0', '').toWellFormed())
}

/** A cookie as nobody should have stored it. */
function anyCookie(): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    anyValue,
    fc.constant({ toString: 1, valueOf: 1 }),
    fc.constantFrom<unknown>(0, -1, 'x', '', true, [], {}, '2030-01-01T00:00:00Z', 1e300),
  )
  const fields = ['expires', 'maxAge', 'originalMaxAge', 'path', '_expires', 'data', '__proto__']
  const field = fc.tuple(fc.constantFrom(...fields, 'serialize', 'toJSON'), odd)
  return fc.oneof(odd, fc.array(field, { maxLength: 4 }).map(Object.fromEntries))
}
