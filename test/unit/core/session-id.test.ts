import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hashedIds, isContext, plainIds, toSessionId } from '../../../src/core/session-id.js'

const contexts = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
const cookieIds = fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' })

describe('isContext', () => {
  it.each(['web', 'admin-2', 'A_b', 'x'.repeat(64)])('holds for %j', (value) => {
    expect(isContext(value)).toBe(true)
  })

  it.each(['', 'a:b', 'a b', 'ä', 'web\n', 'x'.repeat(65), 1, null, undefined, ['web']])(
    'does not hold for %j',
    (value) => {
      expect(isContext(value)).toBe(false)
    },
  )
})

describe.each([
  ['hashed ids', hashedIds],
  ['plain ids', plainIds],
])('%s', (_name, create) => {
  it.each(['', null, undefined, NaN, Infinity, true, {}, [], ['a'], () => 'a', 1n, Symbol('a')])(
    'are none for %p',
    (value) => {
      expect(create('web')(value)).toBeUndefined()
    },
  )

  it('take a number for its text', () => {
    expect(create('web')(42)).toBe(create('web')('42'))
  })

  it('never are the same for two pairs of context and cookie’s id', () => {
    const pairs = fc.tuple(contexts, cookieIds)
    fc.assert(
      fc.property(pairs, pairs, ([context, id], [otherContext, otherId]) => {
        const isSame = create(context)(id) === create(otherContext)(otherId)
        expect(isSame).toBe(context === otherContext && id === otherId)
      }),
    )
  })

  it('never are the same for two texts that differ in a lone surrogate only', () => {
    const texts = ['a\ud800', 'a\ud801', 'a\udfff', 'a\ufffd', 'a', '"a\\ud800"', '.a']
    expect(new Set(texts.map(create('web'))).size).toBe(texts.length)
  })

  it('never are the same in two contexts, wherever the colon is', () => {
    fc.assert(
      fc.property(contexts, contexts, cookieIds, (context, other, id) => {
        fc.pre(context !== other)
        expect(create(context)(`${other}:${id}`)).not.toBe(create(other)(`${context}:${id}`))
        expect(create(context)(id)).not.toBe(create(other)(id))
      }),
    )
  })
})

describe('hashed ids', () => {
  it('are the base64url SHA-256 of context and cookie’s id', () => {
    const expected = createHash('sha256').update('web:secret').digest('base64url')
    expect(hashedIds('web')('secret')).toBe(expected)
    expect(expected).toHaveLength(43)
  })

  it('may be of a text of any length', () => {
    expect(hashedIds('web')('x'.repeat(100_000))).toHaveLength(43)
  })
})

describe('plain ids', () => {
  it('are the cookie’s id behind its context', () => {
    expect(plainIds('admin')('abc')).toBe('admin:abc')
  })

  const tooLong = [
    'x'.repeat(1025),
    '\u6f22'.repeat(682),
    '\u{1F300}'.repeat(512),
    '\uD800'.repeat(341),
  ]

  it.each(['a\0b', ...tooLong])('are none for what a ledger can not hold', (cookieId) => {
    expect(plainIds('web')(cookieId)).toBeUndefined()
  })

  it('hold 1024 characters', () => {
    expect(plainIds('web')('x'.repeat(1024))).toBe(`web:${'x'.repeat(1024)}`)
    expect(plainIds('web')('\u6f22'.repeat(681))).toBe(`web:${'\u6f22'.repeat(681)}`)
  })

  it('are well-formed Unicode', () => {
    expect(plainIds('web')('a\uD800')).toBe('web."a\\ud800"')
  })
})

describe('toSessionId', () => {
  it('takes a public id as it is', () => {
    expect(toSessionId('listed')).toBe('listed')
  })
})
