import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { weaknessOf } from '../../../../src/core/crypto/secret-strength.js'

const strong = randomBytes(32).toString('base64')

describe('a secret', () => {
  it.each(['base64', 'base64url', 'hex'] as const)(
    'of 32 random bytes as %s is never refused',
    (encoding) => {
      for (let each = 0; each < 200; each++) {
        expect(weaknessOf(randomBytes(32).toString(encoding))).toBeUndefined()
      }
    },
  )

  it.each([
    ['31 characters', randomBytes(32).toString('hex').slice(0, 31)],
    ['no character', ''],
    ['no text', undefined],
    ['bytes', randomBytes(64)],
  ])('of %s is too short', (_what, secret) => {
    expect(weaknessOf(secret)).toBe('must have at least 32 characters')
  })

  it('of 32 random characters is long enough', () => {
    expect(weaknessOf(strong.slice(0, 32))).toBeUndefined()
  })

  it.each([
    ['one character', 'x'.repeat(64)],
    ['a short text again and again', 'Tr0ub4dor'.repeat(5)],
    ['half of it twice', strong.slice(0, 20).repeat(2)],
    ['seven different characters', `${'abcdefg'.repeat(5)}gfedcba`],
  ])('of %s repeats itself', (_what, secret) => {
    expect(weaknessOf(secret)).toBe('repeats a few characters')
  })

  it.each([
    'your_jwt_secret_at_least_32_characters_long',
    'your_session_encryption_key_at_least_32_characters_long',
    'your-secure-session-secret-of-documents',
    'please-change-me-before-production-01',
    'REPLACE_WITH_A_LONG_RANDOM_STRING_1234',
    'this is an insecure default of a sample',
    'my-super-secret-that-nobody-ever-guesses',
    'keyboard cat walks over all of my keys',
  ])('from a document is a placeholder, however long: %s', (secret) => {
    expect(weaknessOf(secret)).toBe('is a placeholder')
  })
})
