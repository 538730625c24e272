import { describe, expect, it } from '@jest/globals'
import { Keyring } from '../../../../src/core/crypto/keyring.js'
import type { EncryptionOptions } from '../../../../src/core/crypto/keyring.js'
import { InvalidOptionError, UnknownKeyError } from '../../../../src/core/errors.js'

const secret = 'kelp holds where thirty waves have gone'

describe('a keyring', () => {
  it('derives a key of 256 bits from each secret, the same at each time', () => {
    const [one, two] = [1, 2].map(() => new Keyring({ keys: { a: secret }, current: 'a' }))
    expect(one?.key('a')).toHaveLength(32)
    expect(one?.key('a')).toEqual(two?.key('a'))
  })

  it('derives different keys from different secrets', () => {
    const keyring = new Keyring({ keys: { a: secret, b: `${secret}.` }, current: 'a' })
    expect(keyring.key('a')).not.toEqual(keyring.key('b'))
  })

  it('knows which key is current', () => {
    expect(new Keyring({ keys: { a: secret, b: secret }, current: 'b' }).current).toBe('b')
  })

  it.each(['b', '', '__proto__', 'toString'])('has no key %j', (id) => {
    const keyring = new Keyring({ keys: { a: secret }, current: 'a' })
    expect(() => keyring.key(id)).toThrow(UnknownKeyError)
  })

  it.each([
    ['no keys', { current: 'a' }],
    ['a list of keys', { keys: [secret], current: '0' }],
    ['a current key that is not there', { keys: { a: secret }, current: 'b' }],
    ['a current key that every object has', { keys: { a: secret }, current: 'constructor' }],
    ['no current key', { keys: { a: secret } }],
    ['an empty key id', { keys: { '': secret }, current: '' }],
    ['a key id with a dot', { keys: { 'a.b': secret }, current: 'a.b' }],
    ['a long key id', { keys: { ['a'.repeat(33)]: secret }, current: 'a'.repeat(33) }],
    ['a short secret', { keys: { a: 'short' }, current: 'a' }],
    ['a short secret beside a good one', { keys: { a: secret, b: 'short' }, current: 'a' }],
    ['a monotonous secret', { keys: { a: 'abcabc'.repeat(10) }, current: 'a' }],
    ['a placeholder', { keys: { a: 'your-32-character-encryption-key-here' }, current: 'a' }],
    [
      'a placeholder beside a good one',
      { keys: { a: secret, b: 'change-me-0123456789-abcdefghijkl' }, current: 'a' },
    ],
    ['a secret that is no text', { keys: { a: Buffer.alloc(32) }, current: 'a' }],
  ])('is refused with %s', (_what, options) => {
    const create = (): Keyring => new Keyring(options as unknown as EncryptionOptions)
    expect(create).toThrow(InvalidOptionError)
    expect(create).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) as unknown }),
    )
  })
})
