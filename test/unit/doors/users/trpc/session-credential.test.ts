import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CredentialError } from '../../../../../src/doors/users/errors.js'
import { readCredential } from '../../../../../src/doors/users/trpc/session-credential.js'
import { checkProperty } from '../../../../integration/properties/check-property.js'

const read = (authorization?: string, cookie?: string) => readCredential({ authorization, cookie })

describe('a Bearer token', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer aZ09-._~+/', 'aZ09-._~+/'],
    ['Bearer abc==', 'abc=='],
  ])('is read: %j', (header, token) => {
    expect(read(header)).toBe(token)
  })

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer  ',
    'Bearer\tabc',
    'Bearer abc def',
    'Bearer abc, Bearer def',
    'Bearer abc,',
    'Bearer abc ',
    'Bearer =abc',
    'Bearer =',
    'Bearer ab=c',
    'Bearer "abc"',
    'Bearer abc;x=1',
    'Bearer ä',
    'Bearer,abc',
    'Bearer=abc',
    ' Bearer abc',
    'Bearer: abc',
    'Bearer abc\n',
  ])('that is none is refused, and not told: %j', (header) => {
    expect(() => read(header)).toThrow(CredentialError)
    expect(() => read(header)).not.toThrow('abc')
  })

  it.each(['Basic YTpi', 'Bearerabc', 'Bearer-ish abc', 'Digest realm="Bearer abc"', '', 'abc'])(
    'is not looked for in another scheme: %j',
    (header) => {
      expect(read(header)).toBeUndefined()
      expect(read(header, 'sessionId=abc')).toBe('abc')
    },
  )

  it('names nobody where it is too long for an id', () => {
    expect(read(`Bearer ${'a'.repeat(256)}`)).toHaveLength(256)
    expect(read(`Bearer ${'a'.repeat(257)}`)).toBeUndefined()
  })

  it('is a b64token, or refused, whatever follows the scheme', async () => {
    const parts = fc.constantFrom('a', 'Z', '9', '-', '=', ' ', ',', '\t', '"', ';', 'Bearer')
    const tails = fc.string({ unit: parts, maxLength: 40 })
    await checkProperty(tails, { runs: 1000 }, async (tail) => {
      const [, token] = /^ *((?:[aZ9-]|Bearer)+=*)$/.exec(tail) ?? []
      const attempt = () => read(`Bearer ${tail}`)

      if (token === undefined) expect(attempt).toThrow(CredentialError)
      else expect(attempt()).toBe(token)
    })
  })
})

describe('a cookie and a Bearer token', () => {
  it('are one credential where they name the same session', () => {
    expect(read('Bearer abc', 'sessionId=abc')).toBe('abc')
  })

  it('are refused where they differ, and neither is told', () => {
    const attempt = () => read('Bearer abc', 'sessionId=def')

    expect(attempt).toThrow(CredentialError)
    expect(attempt).not.toThrow('abc')
    expect(attempt).not.toThrow('def')
  })

  it('are refused where the token is too long to be any session', () => {
    expect(() => read(`Bearer ${'a'.repeat(257)}`, 'sessionId=abc')).toThrow(CredentialError)
  })

  it('are the token alone where the cookie can be no id', () => {
    expect(read('Bearer abc', 'sessionId="def"')).toBe('abc')
  })
})
