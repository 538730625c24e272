import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Keyring } from '../../../../src/core/crypto/keyring.js'
import { isSealed, seal, unseal } from '../../../../src/core/crypto/seal.js'
import { DecryptionError, UnknownKeyError } from '../../../../src/core/errors.js'
import { anId } from '../../../../src/testing/fixtures.js'

const id = anId('a session')
const keyring = new Keyring({
  keys: {
    k1: 'kelp holds where thirty waves have gone',
    k2: 'and salt is on each stone of the shore',
  },
  current: 'k1',
})

/** Changes the bytes of what is sealed, behind its prefix and key id. */
function withBytes(sealed: string, change: (bytes: Buffer) => Buffer): string {
  const [prefix, keyId, body = ''] = sealed.split('.')
  return [prefix, keyId, change(Buffer.from(body, 'base64url')).toString('base64url')].join('.')
}

describe('seal', () => {
  it('opens to the same text, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(unseal(seal(text, id, keyring), id, keyring)).toBe(text)
      }),
    )
  })

  it('keeps lone surrogates, which JSON escapes', () => {
    const text = JSON.stringify({ half: '\uD83C' })
    expect(unseal(seal(text, id, keyring), id, keyring)).toBe(text)
  })

  it('opens an empty text', () => {
    expect(unseal(seal('', id, keyring), id, keyring)).toBe('')
  })

  it('never gives the same twice', () => {
    expect(seal('{}', id, keyring)).not.toBe(seal('{}', id, keyring))
  })

  it('names the current key', () => {
    expect(seal('{}', id, keyring)).toMatch(/^hf1\.k1\.[\w-]+$/)
  })
})

describe('unseal', () => {
  it('fails when any bit is flipped', () => {
    const sealed = seal('{"userId":"ada"}', id, keyring)
    const bits = (sealed.split('.')[2] ?? '').length * 6
    fc.assert(
      fc.property(fc.nat(Math.floor(bits / 8) * 8 - 1), (bit) => {
        const flipped = withBytes(sealed, (bytes) => {
          bytes[bit >> 3]! ^= 1 << (bit & 7)
          return bytes
        })
        expect(() => unseal(flipped, id, keyring)).toThrow(DecryptionError)
      }),
    )
  })

  it('fails wherever it is cut', () => {
    const sealed = seal('{"userId":"ada"}', id, keyring)
    for (let length = 0; length < sealed.length - 1; length++) {
      const cut = sealed.slice(0, length)
      expect(() => unseal(cut, id, keyring)).toThrow()
    }
  })

  it('fails where something is added', () => {
    const longer = withBytes(seal('{}', id, keyring), (bytes) =>
      Buffer.concat([bytes, Buffer.alloc(1)]),
    )
    expect(() => unseal(longer, id, keyring)).toThrow(DecryptionError)
  })

  it('fails for any other session', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (mine, other) => {
        fc.pre(mine !== other)
        const sealed = seal('{}', anId(mine), keyring)
        expect(() => unseal(sealed, anId(other), keyring)).toThrow(DecryptionError)
      }),
    )
  })

  it('fails when another key is named', () => {
    const renamed = seal('{}', id, keyring).replace('.k1.', '.k2.')
    expect(() => unseal(renamed, id, keyring)).toThrow(DecryptionError)
  })

  it('fails when the two key ids hold one secret', () => {
    const secret = 'the tide comes twice, and goes as often'
    const twins = new Keyring({ keys: { a: secret, b: secret }, current: 'a' })
    const renamed = seal('{}', id, twins).replace('.a.', '.b.')
    expect(() => unseal(renamed, id, twins)).toThrow(DecryptionError)
  })

  it('fails for a key that is not there', () => {
    const renamed = seal('{}', id, keyring).replace('.k1.', '.k3.')
    expect(() => unseal(renamed, id, keyring)).toThrow(UnknownKeyError)
  })

  it.each([
    '',
    '{}',
    'hf1',
    'hf1.',
    'hf1.k1',
    'hf1.k1.',
    'hf2.k1.AAAA',
    'hf1.k1.=',
    ' hf1.k1.AAAA',
  ])('fails for %j, which was never sealed', (text) => {
    expect(() => unseal(text, id, keyring)).toThrow(DecryptionError)
  })

  it('says nothing of what was sealed', () => {
    const sealed = seal('{"card":"4111"}', id, keyring)
    const altered = `${sealed.slice(0, -4)}AAAA`
    expect(() => unseal(altered, id, keyring)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('4111') as unknown }),
    )
  })
})

describe('isSealed', () => {
  it('tells what is sealed from JSON', () => {
    expect(isSealed(seal('{}', id, keyring))).toBe(true)
    expect(isSealed('{"hf1.":1}')).toBe(false)
  })
})
