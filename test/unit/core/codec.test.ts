import { describe, expect, it } from '@jest/globals'
import { Codec, CorruptTextError } from '../../../src/core/codec.js'
import type { Serializer } from '../../../src/core/codec.js'
import { DecryptionError, SerializationError, UnknownKeyError } from '../../../src/core/errors.js'
import { anId } from '../../../src/testing/fixtures.js'

const id = anId('a session')
const keys = {
  a: 'kelp holds where thirty waves have gone',
  b: 'and salt is on each stone of the shore',
}
const encryption = { keys, current: 'a' }

describe('stringify', () => {
  it('writes JSON unless told otherwise', () => {
    expect(new Codec().stringify({ a: [1] })).toBe('{"a":[1]}')
  })

  it('keeps what the serializer threw as the cause', () => {
    const session: Record<string, unknown> = {}
    session['self'] = session
    const stringify = (): string => new Codec().stringify(session)
    expect(stringify).toThrow(SerializationError)
    expect(stringify).toThrow(
      expect.objectContaining({
        code: 'ERR_SERIALIZATION',
        cause: expect.any(TypeError) as unknown,
      }),
    )
  })

  it('refuses a BigInt', () => {
    expect(() => new Codec().stringify({ n: 1n })).toThrow(SerializationError)
  })

  it('refuses what is no text', () => {
    expect(() => new Codec().stringify({ toJSON: () => undefined })).toThrow(SerializationError)
  })
})

describe('parse', () => {
  it('makes a new object at each call', async () => {
    const codec = new Codec()
    const [first, second] = await Promise.all([codec.parse('{"a":{}}'), codec.parse('{"a":{}}')])
    expect(first).toEqual(second)
    expect(first['a']).not.toBe(second['a'])
  })

  it('waits for a serializer that takes its time', async () => {
    const serializer: Serializer = {
      stringify: JSON.stringify,
      parse: async () => ({ late: true }),
    }
    expect(await new Codec(serializer).parse('')).toEqual({ late: true })
  })

  it('takes a rejection of the serializer for damage', async () => {
    const serializer: Serializer = {
      stringify: JSON.stringify,
      parse: () => Promise.reject(new Error('damaged')),
    }
    await expect(new Codec(serializer).parse('')).rejects.toThrow(CorruptTextError)
  })

  it.each(['', '{', 'null', '[]', '"text"', '1', 'undefined'])(
    'refuses %j, which holds no session',
    async (text) => {
      await expect(new Codec().parse(text)).rejects.toThrow(CorruptTextError)
    },
  )

  it('gives keys that every object inherits as own keys', async () => {
    const session = await new Codec().parse('{"__proto__":{"isAdmin":true}}')
    expect(Object.hasOwn(session, '__proto__')).toBe(true)
    expect(session['isAdmin']).toBeUndefined()
  })
})

describe('sealing', () => {
  it('leaves a text as it is where no encryption is given', () => {
    const codec = new Codec()
    expect(codec.unseal(id, codec.seal(id, '{}'))).toBe('{}')
    expect(codec.seal(id, '{}')).toBe('{}')
  })

  it('hides a text, and gives it back', () => {
    const codec = new Codec(JSON, encryption)
    const sealed = codec.seal(id, '{"card":"4111"}')
    expect(sealed).not.toContain('4111')
    expect(codec.unseal(id, sealed)).toBe('{"card":"4111"}')
  })

  it('opens for no other session', () => {
    const codec = new Codec(JSON, encryption)
    expect(() => codec.unseal(anId('another'), codec.seal(id, '{}'))).toThrow(DecryptionError)
  })

  it('opens what an older key sealed', () => {
    const sealed = new Codec(JSON, encryption).seal(id, '{}')
    expect(new Codec(JSON, { keys, current: 'b' }).unseal(id, sealed)).toBe('{}')
  })

  it('names the key that is missing', () => {
    const sealed = new Codec(JSON, encryption).seal(id, '{}')
    const codec = new Codec(JSON, { keys: { b: keys.b }, current: 'b' })
    expect(() => codec.unseal(id, sealed)).toThrow(UnknownKeyError)
  })

  it('refuses plain text', () => {
    expect(() => new Codec(JSON, encryption).unseal(id, '{}')).toThrow(DecryptionError)
  })

  it('takes plain text where that is allowed, and still opens what is sealed', () => {
    const codec = new Codec(JSON, { ...encryption, allowPlaintext: true })
    expect(codec.unseal(id, '{}')).toBe('{}')
    expect(codec.unseal(id, codec.seal(id, '{"a":1}'))).toBe('{"a":1}')
  })

  it('never takes what looks sealed for plain text', () => {
    const codec = new Codec(JSON, { ...encryption, allowPlaintext: true })
    expect(() => codec.unseal(id, 'hf1.a.')).toThrow(DecryptionError)
    expect(() => new Codec().unseal(id, 'hf1.a.AAAA')).toThrow(DecryptionError)
  })
})

describe('parseNow', () => {
  it('gives the session at once', () => {
    expect(new Codec().parseNow('{"a":1}')).toEqual({ a: 1 })
    expect(() => new Codec().parseNow('[]')).toThrow(CorruptTextError)
    expect(() => new Codec().parseNow('{')).toThrow(CorruptTextError)
  })

  it('gives nothing where the serializer takes its time, which is asked in vain only once', async () => {
    let parsed = 0
    const parse = async (text: string): Promise<unknown> => {
      parsed++
      if (text === 'bad') throw new Error('mine')
      return { text }
    }
    const codec = new Codec({ stringify: JSON.stringify, parse })

    expect(codec.parseNow('bad')).toBeUndefined()
    expect(codec.parseNow('good')).toBeUndefined()
    expect(parsed).toBe(1)
    expect(await codec.parse('good')).toEqual({ text: 'good' })
  })
})
