import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  checkOf,
  HIGHEST_VERSION,
  LATEST,
  OFFSETS,
  packRecord,
  packTime,
  packToken,
  packVersion,
  unpack,
} from '../../../../src/drivers/redis/record-format.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'

const id = aRecord().id
const confirmedAt = packTime(Date.UTC(2030, 0, 1))
const run = '89e7cab0'

/** The value that the script would hold. */
function pack(record: SessionRecord): string {
  const { head, payload } = packRecord(record)
  return `${head}${confirmedAt}${run}${payload}`
}

describe('a live record', () => {
  it('comes back as it was, through UTF-8', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), utf16())
    fc.assert(
      fc.property(
        fc.record({
          id: anyText.filter((text) => text.isWellFormed()).map(toSessionId),
          version: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
          writeId: fc.uuid(),
          data: anyText,
          expiresAt: fc.nat(LATEST),
          absoluteExpiresAt: fc.option(fc.nat(LATEST), { nil: undefined }),
        }),
        (record) => {
          const value = Buffer.from(pack(record), 'utf8').toString('utf8')
          expect(unpack(record.id, value)).toEqual({
            kind: 'live',
            record,
            stamp: { confirmedAt: Number(confirmedAt), run, held: value.slice(0, OFFSETS.end) },
          })
        },
      ),
    )
  })

  it('has a header of ASCII characters only, of one width', () => {
    const record = aRecord({ id: toSessionId('web:é🌊'), data: 'é' })
    const { head } = packRecord(record)
    expect(head).toMatch(/^[!-~]+$/)
    expect(head).toHaveLength(OFFSETS.confirmedAt)
  })

  it('is corrupt wherever it is cut', () => {
    const value = Buffer.from(pack(aRecord({ data: 'é{"visits":1}€' })))
    for (let length = 0; length < value.length; length++) {
      expect(unpack(id, value.subarray(0, length).toString())).toMatchObject({ kind: 'corrupt' })
    }
  })

  it('is corrupt under another id', () => {
    expect(unpack(anId(), pack(aRecord()))).toMatchObject({ kind: 'corrupt' })
  })

  it.each([
    ['version', 'version'],
    ['expiresAt', 'expiry'],
    ['absoluteExpiresAt', 'absolute expiry'],
    ['writeId', 'altered'],
    ['encoding', 'altered'],
    ['checksum', 'altered'],
    ['end', 'altered'],
  ] as const)('is corrupt where its %s was altered', (name, problem) => {
    const value = pack(aRecord())
    const altered = `${value.slice(0, OFFSETS[name])}?${value.slice(OFFSETS[name] + 1)}`
    expect(unpack(id, altered)).toEqual({
      kind: 'corrupt',
      problem: expect.stringContaining(problem),
    })
  })

  it('is corrupt, not an exception, where a JSON string was promised', () => {
    const value = pack(aRecord({ data: 'no JSON' }))
    const altered = `${value.slice(0, OFFSETS.encoding)}J${value.slice(OFFSETS.encoding + 1)}`
    expect(unpack(id, altered)).toMatchObject({ kind: 'corrupt' })
  })

  it('has a writeId that is a UUID', () => {
    expect(() => packRecord(aRecord({ writeId: 'short' }))).toThrow(RangeError)
  })
})

describe('other values', () => {
  it('are tombstones, with their version', () => {
    const value = `T${checkOf(id)}${packVersion(12)}`
    expect(unpack(id, value)).toEqual({ kind: 'tombstone', version: 12 })
  })

  it('are fills under way', () => {
    expect(unpack(id, `F${checkOf(id)}${packToken('a-token')}`)).toEqual({ kind: 'filling' })
  })

  it.each(['', 'T', 'F', 'L', 'T|3', 'F|token', '{}', `T${checkOf(id)}`, `T${checkOf(id)}-1`])(
    'are corrupt: %j',
    (value) => {
      expect(unpack(id, value)).toMatchObject({ kind: 'corrupt' })
    },
  )

  it('never make it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('L', 'T', 'F'), (text, kind) => {
        expect(() => unpack(id, text)).not.toThrow()
        expect(() => unpack(id, `${kind}${checkOf(id)}${text}`)).not.toThrow()
      }),
    )
  })
})

describe('what does not fit', () => {
  it.each([-1, 1.5, NaN, HIGHEST_VERSION + 1])('is refused as a version: %d', (version) => {
    expect(() => packVersion(version)).toThrow(RangeError)
  })

  it.each(['', 'a b', 'é', 'a'.repeat(101)])('is refused as a token: %j', (token) => {
    expect(() => packToken(token)).toThrow(RangeError)
  })

  it.each([
    [-1, 0],
    [1.5, 1],
    [Infinity, LATEST],
  ])('is bounded as a time: %d is %d', (time, bounded) => {
    expect(Number(packTime(time))).toBe(bounded)
  })
})

/** Text of any UTF-16 code units, lone surrogates among them. */
function utf16(): fc.Arbitrary<string> {
  return fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))
}
