import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkOf, OFFSETS, WIDTHS } from '../../../src/drivers/redis/record-format.js'
import { toSessionId } from '../../../src/core/session-id.js'
import { checkProperty } from './check-property.js'
import {
  expectText,
  expectUsable,
  find,
  openDamagedScene,
  type DamagedScene,
  type Target,
} from './damaged-scene.js'
import { anyContent } from './session-contents.js'

type Field = keyof typeof WIDTHS

let scene: DamagedScene

beforeAll(async () => {
  scene = await openDamagedScene()
})

afterAll(() => scene.end())

describe('a damaged record in Redis is answered by Postgres', () => {
  it('wherever it is cut', async () => {
    const target = await scene.target()
    const whole = await scene.redis.getBuffer(target.key)

    for (let length = 0; length < (whole?.length ?? 0); length++) {
      await expectOwn(target, whole!.subarray(0, length))
    }
    await expectUsable(scene.store, target.sid)
  })

  it.each(Object.keys(WIDTHS) as Field[])('where a bit of its %s is flipped', (name) =>
    checkProperty(bitsOf(name), { runs: 3 }, async (bit) => {
      const target = await scene.target()
      await expectOwn(target, flipped(await valueOf(target), bit))
      await expectUsable(scene.store, target.sid)
    }),
  )

  it('where a bit of its payload is flipped', () =>
    checkProperty(fc.tuple(anyContent(), fc.nat()), { runs: 10 }, async ([content, at]) => {
      const target = await scene.target(content)
      const value = await valueOf(target)
      const bits = (value.length - OFFSETS.end) * 8
      await expectOwn(target, flipped(value, OFFSETS.end * 8 + (at % bits)))
      await expectUsable(scene.store, target.sid)
    }))

  it('where it is any bytes', () =>
    checkProperty(fc.uint8Array({ maxLength: 300 }), { runs: 10 }, async (bytes) => {
      const target = await scene.target()
      await expectOwn(target, Buffer.from(bytes))
      await expectUsable(scene.store, target.sid)
    }))

  it('where it begins like one, and goes on as anything', () => {
    const tails = fc.tuple(fc.constantFrom('L', 'F', 'T'), fc.string({ unit: 'binary' }))
    return checkProperty(tails, { runs: 10 }, async ([kind, tail]) => {
      const target = await scene.target()
      const value = `${kind}${checkOf(toSessionId(target.id))}${tail}`
      if (kind === 'T' && /^\d{1,10}/.test(tail)) return
      await expectOwn(target, Buffer.from(value))
      await expectUsable(scene.store, target.sid)
    })
  })

  it('where it is another session’s, as a whole or in part', () =>
    checkProperty(fc.nat(OFFSETS.end + 60), { runs: 8 }, async (cut) => {
      const [mine, theirs] = [await scene.target(), await scene.target()]
      const [ofMine, ofTheirs] = [await valueOf(mine), await valueOf(theirs)]
      await expectOwn(mine, Buffer.concat([ofMine.subarray(0, cut), ofTheirs.subarray(cut)]))
      await expectOwn(mine, Buffer.concat([ofTheirs.subarray(0, cut), ofMine.subarray(cut)]))
      await expectUsable(scene.store, mine.sid)
      await expectOwn(theirs, ofTheirs)
    }))
})

it('a tombstone in Redis is the end of a session, whatever follows it', () =>
  checkProperty(fc.tuple(fc.nat(99), fc.string()), { runs: 5 }, async ([version, tail]) => {
    const target = await scene.target()
    const head = `T${checkOf(toSessionId(target.id))}${String(version).padStart(10, '0')}`
    await scene.redis.set(target.key, `${head}${tail}`, 'PX', 60_000)

    expect(await find(scene.store, target.sid)).toEqual({ kind: 'none' })
    await scene.store.destroy(target.sid)
    expect(await find(scene.store, target.sid)).toEqual({ kind: 'none' })
  }))

async function expectOwn(target: Target, value: Uint8Array): Promise<void> {
  await scene.redis.set(target.key, Buffer.from(value), 'PX', 60_000)
  const found = await find(scene.store, target.sid)
  if (found.kind !== 'session') throw new Error(`It found ${JSON.stringify(found)}`)
  const { cookie: _cookie, ...content } = found.session
  expectText(content, target.content)
}

async function valueOf({ key }: Target): Promise<Buffer> {
  return (await scene.redis.getBuffer(key)) ?? Buffer.alloc(0)
}

function bitsOf(name: Field): fc.Arbitrary<number> {
  const start = OFFSETS[name] * 8
  return fc.integer({ min: start, max: start + WIDTHS[name] * 8 - 1 })
}

function flipped(value: Buffer, bit: number): Buffer {
  const copy = Buffer.from(value)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
